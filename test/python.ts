import { spawnSync } from 'node:child_process';

/**
 * The Python that has these modules: the one on the path, else the system's own, which is where Debian's packages
 * go. Undefined when neither has them.
 */
export function findPython(...modules: string[]): string | undefined {
  const script = modules.map((name) => `import ${name}`).join('\n');
  return ['python3', '/usr/bin/python3'].find((python) => spawnSync(python, ['-c', script]).status === 0);
}
