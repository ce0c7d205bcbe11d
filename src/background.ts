import type { Logger } from 'pino';
import type { Refusals } from '#core/audit/audit.ts';
import { createSealer } from '#core/audit/sealer.ts';
import type { Services } from '#core/context.ts';
import type { SigningKeys } from '#core/keys/signing-keys.ts';
import { tidyUp } from '#core/upkeep/upkeep.ts';

const MINUTE_MS = 60_000;

/** What a process does beside serving: seals the audit, tells what refusals it counted, rotates signing keys, removes what has expired. */
export function startBackground(
  services: Services,
  refusals: Refusals,
  signingKeys: SigningKeys,
  log: Logger,
): { stop(): Promise<void> } {
  const sealer = createSealer(services, {
    onError: (err) => log.warn({ err }, 'the audit could not be sealed now'),
  });
  sealer.start();

  let round = Promise.resolve();
  const timer = setInterval(() => {
    round = everyMinute(services, refusals, signingKeys).catch((err) =>
      log.warn({ err }, 'upkeep failed; it is tried again in a minute'),
    );
  }, MINUTE_MS).unref();

  return {
    async stop() {
      clearInterval(timer);
      await round;
      await refusals.flush();
      await sealer.stop();
    },
  };
}

async function everyMinute(services: Services, refusals: Refusals, signingKeys: SigningKeys): Promise<void> {
  await refusals.flush(services.now());
  await signingKeys.maintain();
  await tidyUp(services);
}
