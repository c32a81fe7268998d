import type { PprofView } from '../../support/pprof-views.ts';

/** A real profile and what is asked about it; the golden answers are by these names. */
export interface OracleFile {
  readonly file: string;
  /** The sample type whose top is compared. */
  readonly sampleType: number;
  /** Written into the header, for want of real profiles with symbols that have it. */
  readonly dropFrames?: string;
  readonly keepFrames?: string;
  readonly views: readonly PprofView[];
}

/**
 * Twelve views of one profile: each filter alone, filters whose order matters, granularities. `a` is on many stacks, `b`
 * on some, `path` is part of a file or of a binary.
 */
function twelve(a: string, b: string, path: string): PprofView[] {
  return [
    {},
    { filters: { focus: a } },
    { filters: { ignore: a } },
    { filters: { hide: a } },
    { filters: { show: `${a}|${b}` } },
    { filters: { show_from: b } },
    { filters: { focus: a, ignore: b } },
    { filters: { focus: a, hide: path } },
    { filters: { hide: a, show: path } },
    { filters: { show_from: a, hide: b, ignore: 'nothing is called so' } },
    { filters: { focus: path, show_from: path }, granularity: 'lines' },
    { filters: { ignore: b }, granularity: 'files' },
  ];
}

function byTag(...pairs: readonly (readonly [tagfocus: string, tagignore: string])[]): PprofView[] {
  return pairs.map(([tagfocus, tagignore]) => ({
    filters: { ...(tagfocus === '' ? {} : { tagfocus }), ...(tagignore === '' ? {} : { tagignore }) },
  }));
}

const real = (file: string, sampleType: number, views: readonly PprofView[]): OracleFile => ({
  file,
  sampleType,
  views,
});

export const oracleFiles: readonly OracleFile[] = [
  real('go-http-heap.pb.gz', 3, [
    ...twelve('ServeHTTP', 'bufio', 'net/http'),
    ...byTag(['16', ''], ['bytes=32b', ''], ['bytes=1kb:64kb', ''], ['8kb:', 'bytes=:16b'], [':24', 'bytes']),
    ...byTag(['bytes=:0', ''], ['bytes=1s:', ''], ['bytes=1mb:2kb', ''], ['', 'bytes=1bogus:']),
  ]),
  real('go-http-cpu.pb.gz', 1, twelve('(*conn).serve'.replace(/[()*]/g, '\\$&'), '(?i)WRITE', '^net/')),
  {
    ...real('go-http-cpu.pb.gz', 1, twelve('ServeHTTP', 'Syscall', 'poll/')),
    dropFrames: String.raw`net/http\..*|bufio\..*|runtime\.m.*`,
    keepFrames: String.raw`.*ServeHTTP|runtime\.mstart`,
  },
  {
    ...real('go-http-cpu.pb.gz', 0, twelve('ServeHTTP', 'Syscall', 'poll/')),
    dropFrames: String.raw`.*\.Write|main\..*`,
    keepFrames: '(broken',
  },
  real('go-cpu-labels-a.pb.gz', 1, [
    ...twelve('main\\.cpuJSON', 'mallocgc', 'runtime/.*go$'),
    ...byTag(['endpoint=/orders', ''], ['endpoint:/index', ''], ['/index,tenant', ''], ['', 'tenant=b,^a$']),
    { filters: { focus: 'sortAndIndex', tagfocus: 'orders', hide: 'main\\.main' } },
  ]),
  real('go-http-goroutine.pb.gz', 0, twelve('poll', 'selectgo', 'net/')),
  real('go-heap-recursion-450.pb.gz', 1, twelve('descend', 'mallocgc', 'workloads')),
  real('go-goroutine-recursion-500.pb.gz', 0, twelve('main\\.', 'pong', 'runtime/')),
  real('go-goroutine-leak-a.pb.gz', 0, [
    ...twelve('chanrecv', 'fetchForever', 'sync/'),
    ...byTag(['queue=q0,q2', ''], ['', 'q1']),
  ]),
  real('go-cpu-cgo.pb.gz', 1, twelve('main\\.main', 'goPart', '_cgo_gotypes')),
  real('node-wall.pb.gz', 1, twelve('work', 'fib', 'capture')),
  real('node-heap.pb.gz', 1, twelve('anonymous', 'encode', 'dist|out')),
  real('rust-cpu.pb', 1, [...twelve('rustapp::main', 'catch_unwind', 'library/std'), ...byTag(['thread=rust', ''])]),
  real('pyroscope-java-async-profiler.pb.gz', 0, twelve('Something\\.run', 'java/io', 'java/util')),
  real('pyroscope-ruby.pb.gz', 0, twelve('process_cl', 'tracer', 'gems/puma')),
  real('pyroscope-python.pb.gz', 0, twelve('serve_forever', 'handle', 'werkzeug')),
  real('pyroscope-dotnet-labels.pb', 0, [
    ...twelve('Authorization', 'HttpsPolicy', '!Cpu'),
    ...byTag(['pod', ''], ['', 'qweqwe=a']),
  ]),
  real('pyroscope-nodejs-wall.pb.gz', 0, twelve('next', 'handle', 'node:')),
  real('parca-ebpf-node-partly-symbolised.pb.gz', 0, [
    ...twelve('libc', 'fib', 'bin/node'),
    ...byTag(['thread_id=2115135', ''], ['thread_name=^node$', ''], ['', 'node,2115135']),
  ]),
  real('parca-unsymbolised.pb.gz', 1, twelve('kakkoyun', 'nothing', 'example-app')),
  real('parca-thread-labels.pb.gz', 0, [
    ...twelve('btree', 'frostdb', 'kernel'),
    ...byTag(['thread_name=parca', '2756158'], ['thread_id=27561(58|60)', '']),
  ]),
  real('profefe-heap-1.pb.gz', 1, [...twelve('profefe', 'ServeHTTP', 'net/http/'), ...byTag(['bytes=1kb:200kb', ''])]),
  real('google-cpu-drop-frames.pb.gz', 0, twelve('libpthread', 'cppbench', 'libc-')),
  real('made-drop-keep-frames.pb.gz', 1, twelve('handler', 'malloc', 'a\\.cc')),
  // Without the seventh: to pprof a location that is ignored matches no focus, although one of its lines does.
  real('made-inlined-12.pb.gz', 0, twelve('level0[59]', 'level03', 'level07|level10').toSpliced(6, 1)),
  real('made-labels.pb.gz', 0, [
    ...byTag(['thread=io', ''], ['io,main', ''], ['size=large', ''], ['size=4kb', ''], ['size=1kb:', '']),
    ...byTag(['n=:0b', ''], ['n=-5', ''], ['', '0b'], ['-10:10', ''], ['thread=(io|main)', 'size=large'], ['^$', '']),
    ...byTag(['size=8192b', ''], ['thread', '.']),
  ]),
  real('made-recursion-and-empty-stack.pb.gz', 0, twelve('odd', 'even', 'rec\\.go')),
  real('made-negative-values.pb.gz', 1, twelve('root', 'grew', 'delta')),
  // Sums stay inside int64, which pprof lets wrap.
  real('made-values-beyond-2-53.pb.gz', 1, [
    {},
    { filters: { focus: 'odd' } },
    { filters: { ignore: 'odd' } },
    { filters: { show_from: 'half', focus: 'odd' } },
  ]),
  real('made-names.pb.gz', 0, twelve('constructor|größe', '\\.Method', '_ZN4')),
];
