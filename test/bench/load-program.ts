import autocannon from 'autocannon';
import type { Load, Outcome } from './load.ts';

/** The load generator, in a process of its own so that its work is not counted as the server's. */
process.on('message', async (load: Load) => {
  const { url, connections, seconds, method = 'GET', headers = {}, body, paths = [''], numbered } = load;
  let sent = 0;
  const requests = paths.map((path) => ({
    method,
    path: new URL(url + path).pathname + new URL(url + path).search,
    headers,
    ...(body !== undefined && { body }),
    ...(numbered !== undefined && {
      setupRequest: (request: object) => ({
        ...request,
        body: body?.replaceAll(numbered, `${numbered}${++sent}`),
      }),
    }),
  }));
  const result = await autocannon({ url, connections, duration: seconds, requests: requests as [] });
  const outcome: Outcome = {
    answers: result['2xx'],
    failures: result.errors + result.timeouts + result.non2xx,
    perSecond: result['2xx'] / result.duration,
    milliseconds: result.latency.p50,
  };
  process.send?.(outcome, () => process.disconnect());
});
process.send?.('ready');
