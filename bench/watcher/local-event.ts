/** Events for the bench; apart, so that a process that is timed loads nothing else. */

/** An event of a change, in Event Grid's schema. */
export function eventOf(resourceId: string, id: string): Record<string, unknown> {
  return {
    id,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    subject: resourceId,
    eventTime: new Date().toISOString(),
    topic: '/subscriptions/bench',
    data: { resourceUri: resourceId, operationName: 'Microsoft.Network/routeTables/routes/write', correlationId: id },
    dataVersion: '2',
    metadataVersion: '1',
  };
}
