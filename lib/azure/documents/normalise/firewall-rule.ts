/** One rule of a firewall, classic or of a policy, under the policies' names. */
import type { FirewallRule } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, isRecord, own, reasonFor } from '../fields.ts';

interface Protocols {
  /** Of classic network rules, which list plain texts under the same name. */
  readonly network: readonly string[];
  readonly application: readonly { readonly protocolType: string; readonly port?: number }[];
}

function protocolsOf(raw: Fields, reader: FieldReader): Protocols {
  const list = own(raw, 'protocols');
  const network: string[] = [];
  const application: { protocolType: string; port?: number }[] = [];
  if (list !== undefined && list !== null && !Array.isArray(list)) {
    reader.unresolved.protocols = reasonFor(list, 'a list');
  }
  for (const each of Array.isArray(list) ? list : []) {
    if (typeof each === 'string') network.push(each);
    else if (isRecord(each)) {
      const inner = new FieldReader(each);
      application.push(defined({ protocolType: inner.text('protocolType') ?? '', port: inner.number('port') }));
      reader.adopt('protocols', inner);
    } else if (each !== null) reader.unresolved.protocols = 'is not a list of protocols in the input';
  }
  return { network, application };
}

/** @param ruleType of the collection that a classic rule stands in; a policy's rule names its own */
export function readFirewallRule(raw: Fields, ruleType?: string): FirewallRule {
  const reader = new FieldReader(raw);
  const { network, application } = protocolsOf(raw, reader);
  return defined({
    name: reader.text('name') ?? '',
    ruleType: ruleType ?? reader.text('ruleType') ?? '',
    ipProtocols: [...reader.texts('ipProtocols'), ...network],
    protocols: application,
    sourceAddresses: reader.texts('sourceAddresses'),
    sourceIpGroups: reader.texts('sourceIpGroups'),
    destinationAddresses: reader.texts('destinationAddresses'),
    destinationIpGroups: reader.texts('destinationIpGroups'),
    destinationPorts: reader.texts('destinationPorts'),
    destinationFqdns: reader.texts('destinationFqdns'),
    targetFqdns: reader.texts('targetFqdns'),
    targetUrls: reader.texts('targetUrls'),
    fqdnTags: reader.texts('fqdnTags'),
    webCategories: reader.texts('webCategories'),
    translatedAddress: reader.text('translatedAddress'),
    translatedPort: reader.text('translatedPort'),
    ...reader.problems(),
  });
}

/** `action.type` of a rule collection. */
export function actionOf(reader: FieldReader): string {
  const action = reader.record('action');
  if (!action) return '';
  const inner = new FieldReader(action);
  const type = inner.text('type');
  reader.adopt('action', inner);
  return type ?? '';
}
