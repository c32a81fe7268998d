/**
 * Every number the detector is tuned by, with its reason. Spans are in buckets (10 minutes), half-hours are 3 buckets and
 * watches 24 buckets, so that a shorter bucket makes the whole detector faster without another word.
 *
 * Found on recorded and simulated programs, docs/decisions/0014.
 */

/** Buckets of one half-hour floor. */
export const bucketsPerHalf = 3;
/** Buckets of one 4-hour floor. */
export const bucketsPerWatch = 24;
export const bucketsPerHour = 6;
export const bucketsPerDay = 144;
export const halvesPerDay = 48;

/** Floors kept of a series: 6 h of buckets, 60 h of half-hours, 7 d of watches and the one that is open. */
export const shortFloors = 36;
export const longFloors = 120;
export const weekFloors = 44;
/** Rates of allocation kept of a series: 8 h of buckets. */
export const rateBuckets = 48;

/** The longest window that is tested, in floors of its ring. */
export const longestWindow = 64;

/** A function that was absent for 12 h is forgotten; nothing that is tested reaches back to it over so long a time. */
export const forgetAfter = 72;

/** What a detector must be handed of the past to go on: 8 days, all that its floors reach back to. */
export const historyBuckets = weekFloors * bucketsPerWatch + forgetAfter + bucketsPerWatch;

/** Processes judged in one bucket, the lowest ids: a workload of more is judged by these. */
export const maxProcesses = 1000;
/** Functions followed in one process; ingest follows fewer at a time, but not always the same. */
export const maxFunctions = 1024;
/** Plateaus, and functions that died growing, remembered of a workload. */
export const maxRemembered = 1024;
/** Revisions whose rates of allocation are compared. */
export const maxRevisions = 4;

/** What a test of six hours wants to see. */
export interface SteadyOptions {
  /** Least number of floors in the window: 80 %. */
  readonly least: number;
  /** Mann-Kendall's z and Kendall's tau-b. */
  readonly mk: number;
  readonly tau: number;
  /** The last third's slope and the other thirds', as shares of the whole: what flattens is a warm-up. */
  readonly tail: number;
  readonly third: number;
  /** The largest fall inside the window, as a share of the rise: what falls back is a saw. */
  readonly fall: number;
  /** Squared error of the line as a share of that of the best single step. */
  readonly step: number;
  /** And of that of the best ramp of half the window that is over: what rose once and stays. */
  readonly ramp: number;
}

/** What a test by thirds wants to see: a lower envelope that rises through saws and bursts. */
export interface EnvelopeOptions {
  /** Floors in the window, at most and at least. */
  readonly window: number;
  readonly least: number;
  /** The second third's rise as a share of the whole, and the last's as a share of the second's. */
  readonly part: number;
  readonly ratio: number;
  /** The last third's slope as a share of the mean slope. */
  readonly tailSlope: number;
  /** The newest hour above the last third's least, as a share of the last third's rise. */
  readonly tail: number;
  /** Evaluations in a row. */
  readonly hold: number;
}

export const steadyOptions: SteadyOptions = {
  least: 29,
  mk: 3,
  tau: 0.6,
  tail: 0.35,
  third: 0.25,
  fall: 0.4,
  step: 0.8,
  ramp: 1.3,
};
/** Evaluations in a row that steady growth must be seen. */
export const steadyHold = 3;
/** 12 to 24 h of half-hour floors. */
export const envelopeOptions: EnvelopeOptions = {
  window: 48,
  least: 24,
  part: 0.2,
  ratio: 0.6,
  tailSlope: 0.5,
  tail: 0.3,
  hold: 3,
};
/** 3 to 7 d of 4-hour floors. */
export const weekOptions: EnvelopeOptions = {
  window: 42,
  least: 18,
  part: 0.2,
  ratio: 0.6,
  tailSlope: 0.5,
  tail: 0,
  hold: 6,
};

/** Growth must be so many standard errors of the sampling. */
export const zGrowth = 4;
/** The cheap first gate: the newest four floors above the first six, as a share of what is needed. Almost every series stops here. */
export const quickShare = 0.6;
/** The whole heap must rise by this share of what the function rose: memory that moves between functions is no growth. */
export const wholeShare = 0.5;

/** Growth since the same clock time yesterday, as a share of the growth seen. */
export const yesterdayShare = 0.75;
/** Half-hours over which the difference to yesterday is looked at: a day and the 3 h in which a step would just have left it. */
export const yesterdayHalves = 54;
/** The difference rises with the series if it rose by this share of it in the newest six hours, which are so many half-hours. */
export const yesterdayRising = 0.5;
export const yesterdayWindow = 12;
/** One that does not rise must have been there all day: its least, as a share of the newest. */
export const yesterdayHeld = 0.4;
/** The largest rise of the difference within 90 minutes, as a share of it: more is a step. Of one that rises, and of one that holds. */
export const yesterdayStep = 0.6;
export const yesterdayHeldStep = 0.4;
/** Nowhere in the day may the series lie under yesterday's by more than this share of the growth. */
export const yesterdayBelow = 0.2;
/** Above everything before by this share of the rise and of what is needed, by so many standard errors, and by 10 %. */
export const seenSigmas = 3;
export const highShare = 0.25;
/** A level is new if it exceeds one that was held in health by this factor. */
export const plateauExcess = 1.1;
/** `earlier` counts as a baseline only if more than so many half-hours before the window are known: as long as the window. */
export const earlierHalves = 12;

/** Age from which a flat half-day teaches a plateau; the half-day, in half-hours; and how flat, as a share of the level and of what is needed. */
export const plateauAge = 108;
export const plateauHalves = 25;
export const plateauFlat = 0.05;
export const plateauFlatNeed = 0.1;
/** A process that ended so old, without growth for 2 h before, teaches the level of its last 3 h. */
export const plateauEndAge = 48;
export const plateauEndQuiet = 12;
export const plateauEndFloors = 18;
/** A plateau that nothing came near to for a week is forgotten: what was fixed may leak again. */
export const plateauStale = 7 * bucketsPerDay;

/** Growth that begins again within 12 h is the same. */
export const doubtFor = 72;

/** Age of a process for `likely` by one ramp: a day. */
export const likelyAge = 144;
/** Half-hours that a ramp must hold, of the newest 24 h. */
export const rampHalves = 36;
/** Differences to the day before that must be known, of 30 h; and each as a share of their median. */
export const dayWindow = 60;
export const dayLeast = 56;
export const dayShare = 0.25;
/** Time over processes that died growing which makes a finding likely. */
export const recurrence = 144;

/** Evaluations without a pass after which a finding ends: what people were warned of must not come and go with the sampling. */
export const clearAfter = { suspected: 2, likely: 6 } as const;
/** A finding outlives its processes by so much, while new ones of the same revision are too young to be judged. */
export const carry = 48;
/** A process is over when it was not seen for an hour. */
export const goneAfter = 6;

/** Goroutines: least count, share of the start, age as a share of `minAge`, floors. */
export const minGoroutines = 100;
export const goroutineShare = 0.5;
/** What was found goes on while it grows by this share of what it had to grow by then, and its last third does. */
export const heldShare = 0.5;
export const heldOptions: SteadyOptions = { ...steadyOptions, tau: 0.4, third: -1, fall: 0.6, step: 1, ramp: Infinity };
export const goroutineAgeShare = 24 / 33;
export const goroutineFloors = 20;
/** Kendall's z of counts is their own: one goroutine is one. */
export const goroutineWeight = 1;

/** Rate of allocation: by what factor, by how much, and by which share of the process's rate it must rise. */
export const allocRatio = 1.5;
export const minAllocRate = 1 << 20;
export const allocShare = 0.2;
/** The newest hour against six hours before, of which at least four must be known. */
export const allocReference = 24;
/** A new process's first hour is its warm-up. */
export const allocWarmup = 6;
/** Buckets in which both revisions ran that make an overlap. */
export const allocOverlap = 6;
/** Hours in a row above yesterday's. */
export const allocHours = 3;
/** A finding stays while the rate is above the one before by this factor, for a day at most. */
export const allocHoldRatio = 1.25;
export const allocHold = 144;
/** What else the process allocates says how busy it is, if it is at least this share of its rate. */
export const allocRestShare = 0.2;
