import type { Ground } from './installations.ts';
import type { Pace } from './pace.ts';
import { number, type Row } from './table.ts';

/** Loading people with COPY, with everything that belongs to them and all indexes. */
export async function loading(ground: Ground, pace: Pace): Promise<Row[]> {
  const { population } = await ground.installation('big', pace.many);
  const { people, seconds } = population;
  return [
    {
      what: `loading ${number(people)} people with COPY`,
      signet: `${number(people / seconds)} people/s, ${number(seconds)} s`,
      reference: '',
    },
  ];
}
