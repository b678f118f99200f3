/** The ways to sign in that have a step, and which of them an application offers. */
import type { LoginMethod } from '../applications/hosted-login.ts';
import type { Outcome } from './step.ts';
import type { Visit } from './visit.ts';

export interface Way {
  readonly method: LoginMethod;
  /** Begins it for `visit.progress.identifier`: sends what is to be sent, the same for strangers. */
  start(visit: Visit): Promise<Outcome>;
}

export class Ways {
  readonly #ways: readonly Way[];
  constructor(ways: readonly Way[]) {
    this.#ways = ways;
  }

  /** In the application's order, the primary one first. */
  offered({ hosted }: Pick<Visit, 'hosted'>): LoginMethod[] {
    const wanted = [...new Set([hosted.primary_method, ...hosted.secondary_methods])];
    const known = wanted.filter((method) => this.#ways.some((way) => way.method === method));
    return known.length > 0 ? known : ['password'];
  }

  primary(visit: Pick<Visit, 'hosted'>): LoginMethod {
    return this.offered(visit)[0] ?? 'password';
  }

  offers(visit: Pick<Visit, 'hosted'>, method: LoginMethod): boolean {
    return this.offered(visit).includes(method);
  }

  /** Identifier and password on one page. */
  isOnePage(visit: Pick<Visit, 'hosted'>): boolean {
    return visit.hosted.first_page === 'identifier_and_password' && this.primary(visit) === 'password';
  }

  async start(visit: Visit, method: LoginMethod): Promise<Outcome> {
    const way = this.#ways.find((one) => one.method === method);
    return way && this.offers(visit, method) ? way.start(visit) : { go: '' };
  }
}
