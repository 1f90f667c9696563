/** The formats of a report. Each is loaded when it is asked for. */
import type { Format } from './format.ts';

export const formats: readonly Format[] = [
  {
    name: 'table',
    takes: 'report',
    mediaType: 'text/plain',
    extension: 'txt',
    load: async () => (await import('./table.ts')).toTable,
  },
  {
    name: 'json',
    takes: 'stream',
    mediaType: 'application/json',
    extension: 'json',
    load: async () => (await import('./json.ts')).toJson,
  },
  {
    name: 'sarif',
    takes: 'report',
    mediaType: 'application/sarif+json',
    extension: 'sarif',
    load: async () => (await import('./sarif.ts')).toSarif,
  },
  {
    name: 'junit',
    takes: 'report',
    mediaType: 'application/xml',
    extension: 'xml',
    load: async () => (await import('./junit.ts')).toJunit,
  },
  {
    name: 'csv',
    takes: 'report',
    mediaType: 'text/csv',
    extension: 'csv',
    load: async () => (await import('./csv.ts')).toCsv,
  },
  {
    name: 'markdown',
    takes: 'report',
    mediaType: 'text/markdown',
    extension: 'md',
    load: async () => (await import('./markdown.ts')).toMarkdown,
  },
  {
    name: 'html',
    takes: 'report',
    mediaType: 'text/html',
    extension: 'html',
    drawsAddressSpace: true,
    load: async () => (await import('./html/index.ts')).toHtml,
  },
];
