/** 200 only if settings and storage work; says nothing more, because anybody may ask. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';

app.http('health', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'health',
  handler: async (_request, context) => {
    try {
      const { isKnownEstate } = await import('../lib/drift/estate-row.ts');
      const { storage, queues } = await watcher();
      await Promise.all([isKnownEstate(storage), queues.depths()]);
      return { jsonBody: { status: 'healthy' } };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      context.error(`storage does not work (${code})`);
      return { status: 503, jsonBody: { status: 'unhealthy' } };
    }
  },
});
