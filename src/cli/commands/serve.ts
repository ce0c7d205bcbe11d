import { command } from '../command.ts';

export const serve = command({
  summary: 'Run the server',
  about: `Runs until it is stopped (Ctrl-C, SIGTERM), then finishes the requests under way. Makes the installation at its first
    start, like signet init. Without DATABASE_URL it runs its own PostgreSQL under the home folder. docs/config.md lists
    what the environment can set.`,
  options: {
    host: { value: 'HOST', help: 'address to listen on; else SIGNET_HOST, else 127.0.0.1' },
    port: { value: 'N', help: 'port to listen on; else SIGNET_PORT, else 8080' },
    workers: { value: 'N', help: 'processes that share the port; else SIGNET_WORKERS, else 1' },
  },
  examples: [
    ['signet serve', 'serve at http://127.0.0.1:8080'],
    ['signet serve --home /srv/signet --host 0.0.0.0 --port 80 --workers 4', 'serve everybody'],
  ],
  async run(cli, { host, port, workers }) {
    const exit = await cli.surroundings.serve({
      ...cli.env,
      ...(host !== undefined && { SIGNET_HOST: host, SIGNET_HOST_FILE: undefined }),
      ...(port !== undefined && { SIGNET_PORT: port, SIGNET_PORT_FILE: undefined }),
      ...(workers !== undefined && { SIGNET_WORKERS: workers, SIGNET_WORKERS_FILE: undefined }),
    });
    return { value: undefined, text: '', exit };
  },
});
