/**
 * What an event says about one resource, whatever envelope it came in. Types only. Nothing personal is kept: of who did it,
 * only the id and the kind of the principal.
 */

/** Who did something, as `data.authorization.evidence` says; never a name, an address or a claim. */
export interface Principal {
  readonly id: string;
  /** `User`, `ServicePrincipal`, `Group`, or a value newer than this code. */
  readonly type?: string;
}

export interface Change {
  /** The event's own id: the same when it is delivered again. */
  readonly eventId: string;
  /** As Azure spelled it in this event; compare with `idKey`. */
  readonly resourceId: string;
  /** `Microsoft.Network/routeTables/routes/delete`; of Resource Notifications the event type. */
  readonly operation: string;
  readonly kind: 'write' | 'delete' | 'action';
  /** When it happened: ISO 8601, UTC. */
  readonly time: string;
  readonly correlationId?: string;
  readonly principal?: Principal;
}
