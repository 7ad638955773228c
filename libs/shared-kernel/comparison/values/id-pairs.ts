export type Side = 'primary' | 'candidate';

interface Bound {
  readonly primary: string;
  readonly candidate: string;
}

/** Which id of the candidate stands for which of the primary; one-to-one. What was tried in vain can be taken back. */
export class IdPairs {
  private readonly byPrimary = new Map<string, string>();
  private readonly byCandidate = new Map<string, string>();
  private readonly trail: Bound[] = [];

  /** Says that the two are one; answers false when either has another partner already. */
  bind(of: string, primaryId: string, candidateId: string): boolean {
    const [primary, candidate] = [keyed(of, primaryId), keyed(of, candidateId)];
    const [partner, other] = [this.byPrimary.get(primary), this.byCandidate.get(candidate)];
    if (partner !== undefined || other !== undefined) return partner === candidate;
    this.byPrimary.set(primary, candidate);
    this.byCandidate.set(candidate, primary);
    this.trail.push({ primary, candidate });
    return true;
  }

  /** The name that both sides have in common; undefined while the id has no partner. */
  nameOf(of: string, id: string, side: Side): string | undefined {
    const key = keyed(of, id);
    if (side === 'candidate') return this.byCandidate.get(key);
    return this.byPrimary.has(key) ? key : undefined;
  }

  /** A moment to which `forgetSince` can go back. */
  get moment(): number {
    return this.trail.length;
  }

  forgetSince(moment: number): void {
    for (const { primary, candidate } of this.trail.splice(moment)) {
      this.byPrimary.delete(primary);
      this.byCandidate.delete(candidate);
    }
  }
}

function keyed(of: string, id: string): string {
  return `${of.length} ${of} ${id}`;
}
