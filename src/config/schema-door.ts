import { choice, count, flag, list, section, text } from './schema-parts.ts';
import { address, byteSize, duration, optionalAddress } from './values.ts';

/** Where it listens, and who may ask. */

export const http = section('Where the API and the operations endpoints listen.', {
  listen: address('127.0.0.1:4280', 'API and UI.'),
  opsListen: optionalAddress(
    '`/metrics`, `/-/healthy` and `/-/ready`, and nothing else. Empty: 127.0.0.1:4281, in a cluster 0.0.0.0:4281.',
  ),
  externalUrl: text('', 'The URL by which people reach the API, as in links; its host is accepted in the Host header.'),
  maxBody: byteSize('32MiB', 'The largest upload.'),
  maxQueries: count(
    64,
    1,
    1000,
    'Queries of one sort (lists, small, wide) that wait for a thread; more are told to come back.',
  ),
  queryTimeout: duration('60s', 'The longest a query may take.'),
  queryThreads: count(
    2,
    1,
    64,
    'Threads that merge: half of them, and one at least, for queries over many workloads or more than a day. Lists have one more.',
  ),
  queryMemory: byteSize('512MiB', 'What one query may hold in memory; more is refused, saying how to narrow it.'),
  requestsPerSecond: count(
    500,
    0,
    100_000,
    'Requests a second of one caller, by its name, else by its address; five times as many may come at once. 0: no bound.',
  ),
  concurrentPerCaller: count(
    256,
    0,
    10_000,
    'Requests of one caller that are under way at the same time. 0: no bound.',
  ),
  tls: section('TLS of the API. Both files are read again when they change.', {
    certFile: text('', 'PEM certificate with its chain; empty: no TLS.'),
    keyFile: text('', 'Its PEM key.'),
    ops: flag(false, '`http.opsListen` has TLS, too.'),
  }),
});

export const auth = section('Who may ask.', {
  mode: choice(
    ['none', 'token', 'kubernetes', 'header'],
    'none',
    '`none`; `token`: a token of `tokenFile`; `kubernetes`: tokens of the cluster and its RBAC; `header`: a proxy in front says who it is.',
  ),
  tokenFile: text('', 'Lines of `ROLE:TOKEN`, the role `read` or `admin`; read again when it changes.'),
  allowUnauthenticated: flag(false, 'Let `mode: none` listen on an address that others can reach.'),
  metrics: choice(
    ['auto', 'on', 'off'],
    'auto',
    'Ask who calls `/metrics`, too. `auto`: with `mode: kubernetes` and `header`, where the API is divided by namespaces.',
  ),
  failuresPerMinute: count(
    30,
    1,
    10_000,
    'Tokens of one address that are refused in a minute; then it is told to wait, but for tokens that were good before.',
  ),
  session: section('Who logs in on the page gets a cookie; the token is looked at anew with each request.', {
    idle: duration('12h', 'Not used for so long, a session is over.'),
    maxLife: duration('7d', 'It is over after so long whatever comes.'),
  }),
  kubernetes: section(
    '`mode: kubernetes`: who calls is asked of the API server, and what it may do in which namespace.',
    {
      audiences: list(
        ['flameherd'],
        'Tokens must be made for one of these, so that tokens for the API server itself are not sent here.',
      ),
      rememberToken: duration('2m', 'How long a token that is good is not asked about again, 1 s to 1 h.'),
      rememberAllowed: duration(
        '5m',
        'How long a right that somebody has counts before it is asked for again: so long one lives on that is taken away. 1 s to 1 h.',
      ),
      rememberDenied: duration(
        '30s',
        'The same for a right that somebody has not, 1 s to 1 h; in lists over more than 100 namespaces longer in proportion.',
      ),
    },
  ),
  header: section(
    '`mode: header`: a proxy in front has asked who it is. Whoever else reaches the listener is refused.',
    {
      user: text('X-Forwarded-User', 'The header with the name.'),
      groups: text('X-Forwarded-Groups', 'The header with the groups, separated by commas.'),
      secretHeader: text('X-Flameherd-Proxy-Secret', 'The header by which the proxy proves itself.'),
      secretFile: text('', 'A file with what is in it; read again when it changes.'),
      authorize: choice(
        ['kubernetes', 'read', 'admin'],
        'kubernetes',
        "What they may do: what the cluster's RBAC allows the name and the groups, or the same for everybody.",
      ),
    },
  ),
});
