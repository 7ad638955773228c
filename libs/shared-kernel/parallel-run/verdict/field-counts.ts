/** How often something differed in one field of one endpoint; all that a verdict needs, and plain numbers to be stored. */
export interface FieldCounts {
  /** The how-manyeth field of this parallel run in which any difference was seen, over all endpoints, from 1 on; it keeps it. */
  readonly ordinal: number;
  /** Comparisons of the endpoint since the run began, those without a difference in this field included. */
  readonly comparisons: number;
  /** Comparisons in which the candidate differed. */
  readonly differed: number;
  /** Comparisons that the control (the old build, against the same tape) took part in. */
  readonly control: number;
  /** Of these, comparisons in which the control differed, whether or not the candidate has compared the same inputs. */
  readonly controlDiffered: number;
  /** Of inputs that both compared: candidate and control both differed, only the one, only the other. */
  readonly both: number;
  readonly candidateOnly: number;
  readonly controlOnly: number;
}

/** What one comparison saw in a field. */
export interface FieldSeen {
  readonly candidateDiffered: boolean;
  /** Undefined where the control did not take part. */
  readonly controlDiffered?: boolean;
}

/** The counts of a field that has just differed for the first time; what the endpoint had been compared before went well. */
export function firstCounts(ordinal: number, before: { readonly comparisons: number; readonly control: number }): FieldCounts {
  return { ordinal, comparisons: before.comparisons, differed: 0, control: before.control, controlDiffered: 0, both: 0, candidateOnly: 0, controlOnly: 0 };
}

/** The counts after one more comparison. */
export function counted(counts: FieldCounts, { candidateDiffered, controlDiffered }: FieldSeen): FieldCounts {
  const one = (isSo: boolean | undefined): number => (isSo ? 1 : 0);
  const isControlled = controlDiffered !== undefined;
  return {
    ordinal: counts.ordinal,
    comparisons: counts.comparisons + 1,
    differed: counts.differed + one(candidateDiffered),
    control: counts.control + one(isControlled),
    controlDiffered: counts.controlDiffered + one(controlDiffered),
    both: counts.both + one(candidateDiffered && controlDiffered),
    candidateOnly: counts.candidateOnly + one(isControlled && candidateDiffered && !controlDiffered),
    controlOnly: counts.controlOnly + one(!candidateDiffered && controlDiffered),
  };
}
