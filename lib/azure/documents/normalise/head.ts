/** What every resource has: id, name, location, and where it was found. */
import type { Origin } from '../../../network/model.ts';
import { defined, type Fields, own } from '../fields.ts';
import { nameOfId } from '../resource-id.ts';

export interface Head {
  readonly id: string;
  readonly name: string;
  readonly location?: string;
  readonly origin?: Origin;
}

export function headOf(raw: Fields, id: string, origin: Origin | undefined): Head {
  const location = own(raw, 'location');
  return defined({
    id,
    name: nameOfId(id),
    location: typeof location === 'string' && location !== '' ? location : undefined,
    origin,
  });
}

/** Name and id of what stands inline; a name that templates write with its parents' loses them. */
export function childHead(raw: Fields): { readonly name: string; readonly id?: string } {
  const id = own(raw, 'id');
  const name = own(raw, 'name');
  return defined({
    name: typeof name === 'string' ? nameOfId(name) : typeof id === 'string' ? nameOfId(id) : '',
    id: typeof id === 'string' ? id : undefined,
  });
}
