/** Emails, or phone numbers: add one and prove it by a code, choose the primary one, remove the others. */
import { type Html, html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import type { ContactKind } from '../users/contact-service.ts';
import { contactsOf, type OnContactChange, type OwnContacts } from '../users/own-contacts.ts';
import type { ContactCodes } from './contact-codes.ts';
import type { ContactMessages } from './contact-messages.ts';
import { readContact } from './contact-schema.ts';
import { field, form, problems, typed } from './form-parts.ts';
import { type AccountPage, type Faults, faulty, type Outcome, type Visit } from './visit.ts';

interface Parts {
  readonly contacts: OwnContacts;
  readonly codes: ContactCodes;
  readonly messages: ContactMessages;
}

const PATHS = { email: '/account/emails', phoneNumber: '/account/phones' } as const;
type Listed = ReturnType<typeof contactsOf>[number];

export function contactsPage(parts: Parts, kind: ContactKind): AccountPage {
  const steps = new ContactSteps(parts, kind);
  return {
    path: PATHS[kind],
    recent: 'to_change',
    show: (visit, faults) => steps.show(visit, faults),
    submit: (visit, fields) => steps.submit(visit, fields),
  };
}

class ContactSteps {
  readonly #parts: Parts;
  readonly #kind: ContactKind;
  constructor(parts: Parts, kind: ContactKind) {
    this.#parts = parts;
    this.#kind = kind;
  }

  async show(visit: Visit, faults?: Faults) {
    const { t, user } = visit;
    const pending = await this.#parts.codes.pending({ ...visit, kind: this.#kind });
    const words = t.contacts[this.#kind];
    const list = contactsOf(user, this.#kind);
    return {
      title: this.#kind === 'email' ? t.pages.emails : t.pages.phones,
      body: html`${problems(faults)}
${list.length === 0 ? html`<p>${t.none}</p>` : html`<ul class="things">${list.map((one) => this.#item(visit, one))}</ul>`}
${pending !== undefined && this.#codeForm(visit, pending)}
<h2>${words.add}</h2>
${form(visit, PATHS[this.#kind], {
  verb: 'add',
  button: t.sendCode,
  body: field('add', {
    name: 'value',
    label: words.label,
    type: this.#kind === 'email' ? 'email' : 'tel',
    autocomplete: this.#kind === 'email' ? 'email' : 'tel',
    required: true,
    max: 254,
    value: typed(faults, 'value'),
    hint: words.hint,
  }),
})}`,
    };
  }

  #item(visit: Visit, { value, isPrimary, isVerified }: Listed): Html {
    const { t } = visit;
    const about = value;
    const button = (verb: string, label: string): Html =>
      form(visit, PATHS[this.#kind], { verb, button: label, hidden: { value }, quiet: true, about });
    const state = [isPrimary && t.primary, isVerified ? t.confirmed : t.unconfirmed].filter(Boolean);
    return html`<li><p><strong>${value}</strong> <span class="soft">${state.join(' · ')}</span></p>
${!isVerified && button('add', t.confirm)}${!isPrimary && isVerified && button('primary', t.makePrimary)}${
  !isPrimary && button('remove', t.remove)
}</li>`;
  }

  #codeForm(visit: Visit, pending: string): Html {
    const { t } = visit;
    return html`<h2>${t.enterCode}</h2><p>${fill(t.codeSent, { to: pending, minutes: this.#parts.codes.minutes })}</p>
${form(visit, PATHS[this.#kind], {
  verb: 'confirm',
  button: t.confirm,
  body: field('code', {
    name: 'code',
    label: t.code,
    autocomplete: 'one-time-code',
    required: true,
    numeric: true,
    max: 12,
  }),
})}${form(visit, PATHS[this.#kind], { verb: 'cancel', button: t.cancel, quiet: true })}`;
  }

  async submit(visit: Visit, fields: ReadonlyMap<string, string>): Promise<Outcome> {
    const value = fields.get('value') ?? '';
    const owner = { tenantId: visit.tenantId, userId: visit.userId };
    const contact = { kind: this.#kind, value };
    switch (fields.get('do')) {
      case 'add':
        return this.#begin(visit, value);
      case 'confirm':
        return this.#finish(visit, fields.get('code') ?? '');
      case 'cancel':
        await this.#parts.codes.forget({ ...visit, kind: this.#kind });
        return { done: 'cancelled' };
      case 'primary':
        await this.#parts.contacts.makePrimary(owner, contact, this.#telling(visit));
        this.#parts.messages.flushed();
        return { done: 'primaryChanged' };
      case 'remove':
        await this.#parts.contacts.remove(owner, contact, this.#telling(visit));
        this.#parts.messages.flushed();
        return { done: 'removed' };
      default:
        return faulty(visit.t.badText);
    }
  }

  async #begin(visit: Visit, given: string): Promise<Outcome> {
    const value = readContact(this.#kind, given);
    if (value === undefined) return faulty(visit.t.contacts[this.#kind].bad);
    const { codes, messages } = this.#parts;
    const code = () => codes.begin({ ...visit, kind: this.#kind }, value);
    await messages.sendCode(this.#kind, value, visit, { code, minutes: codes.minutes });
    return { done: 'codeSent' };
  }

  async #finish(visit: Visit, code: string): Promise<Outcome> {
    const { codes, contacts, messages } = this.#parts;
    const outcome = await codes.finish({ ...visit, kind: this.#kind }, code, visit.ctx.ip);
    if (outcome.outcome === 'locked') return { faults: { problems: [visit.t.lockedCode], status: 429 } };
    if (outcome.outcome !== 'right') return faulty(visit.t.wrongCode);
    const proved = { kind: this.#kind, value: outcome.payload.value };
    await contacts.addProved(visit, proved, this.#telling(visit));
    messages.flushed();
    return { done: 'confirmed' };
  }

  /** The address that was the primary one before is told. */
  #telling({ language }: Visit): OnContactChange {
    return (db, before) => this.#parts.messages.tell(db, before, 'contactsChanged', language);
  }
}
