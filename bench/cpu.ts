/** CPU time of this process, all its threads included, in microseconds: what work takes on a machine that others use, too. */
export function cpuUsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export function cpuMsOf(work: () => unknown): number {
  return cpuUsOf(work) / 1000;
}
