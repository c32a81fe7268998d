/** What a person can do something about: its sentence is all there is to say. */
export class DemoError extends Error {}
