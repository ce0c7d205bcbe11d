/** Deterministic: the same number always gives the same sequence (xoshiro128**, Blackman and Vigna, public domain). */
export function randomNumbers(seed: number): () => number {
  let [a, b, c, d] = [seed ^ 0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x1f83d9ab];
  return () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotated(d, 11);
    return result / 0x1_0000_0000;
  };
}

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const FIRST =
  `James Mary John Patricia Robert Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
Thomas Sarah Charles Karen Daniel Lisa Matthew Nancy Anthony Betty Mark Sandra Ali Fatima Mohammed Aisha Wei Li Jing Yan Hiroshi
Yuki Anna Peter Hans Ursula Jürgen Renate Günther Käthe Björn Åsa Søren Mette Łukasz Zofia Małgorzata Jiří Božena Željko Ana José
María Jesús Lucía Íñigo Begoña João Inês François Élodie Chloé Benoît Giulia Marco Niccolò Siobhán Seán Niamh Caoimhe Angharad
İbrahim Işıl Çağla Özgür Γιώργος Ελένη Στέφανος Иван Мария Сергей Ольга Дмитрий Олена Nguyễn Thị Minh Linh Arjun Priya Ravi Ananya
Kofi Ama Chidi Ngozi Thabo Zanele Noah Emma Liam Olivia Lucas Mia Ethan Sofia Anne-Marie Jean-Pierre Mary-Jane Karl-Heinz`.split(
    /\s+/,
  );

const COMMON =
  `Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright
Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Müller Schmidt Schneider Fischer
Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Weiß Großmann
O'Brien O'Connor O'Neill Murphy Kelly Byrne Ryan Walsh McCarthy McDonald MacLeod Rossi Russo Ferrari Esposito Bianchi Romano Colombo
Silva Santos Ferreira Pereira Oliveira Costa Dubois Durand Lefèvre Moreau Garçon Núñez Muñoz Peña Ibáñez Jensen Nielsen Hansen Sørensen
Johansson Andersson Karlsson Nilsson Åström Öberg Nowak Kowalski Wiśniewski Wójcik Dvořák Novák Svoboda Černý Horvat Kovačević Petrović
Yılmaz Kaya Demir Şahin Çelik Öztürk Παπαδόπουλος Γεωργίου Иванов Смирнов Кузнецов Попов Шевченко Коваленко Wang Li Zhang Liu Chen
Yang Huang Zhao Wu Zhou Tanaka Suzuki Sato Kim Park Choi Singh Kumar Sharma Patel Gupta Khan Ahmed Hussain Okafor Adeyemi Mensah Dlamini
Smith-Jones García-López Müller-Lüdenscheidt Saint-Pierre`.split(/\s+/);

const TAIL_STARTS =
  `Ash Black Brack Brad Brook Burn Cal Carl Chal Cold Cran Dal Den Dun East Ed El Fair Far Fen Fox Gar Gil Glen Gold Gran
Hal Ham Har Hart Has Haw Hay Hazel Hol Horn Hud Kel Ken Kil Kirk Lang Lin Lock Long Mar May Mel Mid Mil Mor Nor North Oak Old Pem Pen Pres
Rad Ral Red Ring Rock Roth Row Rush Sal San Scar Shel Sher Shir Stan Stav Stock Stone Strat Sun Sut Swin Tar Thorn Til Tun Wal War Wel West
Whit Wick Wil Win Wood Wor Wyn Yar York`.split(/\s+/);
const TAIL_MIDDLES = ['', 'er', 'en', 'ing', 'le', 'e', 'el', 'is', 'on', 'an'];
const TAIL_ENDS =
  `ton ford ley bury by ham wood field well man dale worth wick stone land hurst more grave combe stead house brook bridge
gate croft hill ridge head mere shaw son sen ski vić berg stein mann bach hoff heim ström lund`.split(/\s+/);

const TAIL = TAIL_STARTS.length * TAIL_MIDDLES.length * TAIL_ENDS.length;

/** Common surnames first, then some forty thousand rare ones. */
function surname(rank: number): string {
  const common = COMMON[rank];
  if (common) return common;
  const n = (rank - COMMON.length) % TAIL;
  const start = TAIL_STARTS[n % TAIL_STARTS.length];
  const middle = TAIL_MIDDLES[Math.floor(n / TAIL_STARTS.length) % TAIL_MIDDLES.length];
  return `${start}${middle}${TAIL_ENDS[Math.floor(n / TAIL_STARTS.length / TAIL_MIDDLES.length)]}`;
}

/** A rank below `count` by the law of Zipf and Mandelbrot: the first comes up about once in `10 ln(count / 10)` times. */
const zipf = (random: () => number, count: number, flat = 10): number =>
  Math.floor(Math.exp(random() * Math.log((count + flat) / flat)) * flat - flat);

export interface RandomName {
  first: string;
  last: string;
}

export function randomName(random: () => number): RandomName {
  return {
    first: FIRST[zipf(random, FIRST.length, 20)] as string,
    last: surname(zipf(random, COMMON.length + TAIL)),
  };
}

/** A random id in the form of a UUID, version 4. */
export function randomId(random: () => number): string {
  const hex = () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  const [a, b, c, d] = [hex(), hex(), hex(), hex()];
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
