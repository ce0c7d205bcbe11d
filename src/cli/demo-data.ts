/** A company that makes measuring instruments; invented, like everybody in it. Paths are below Root. */
export const DEMO_COMPANY = 'Halvorsen Instruments';

export const DEMO_GROUPS: readonly (readonly [path: string, description: string])[] = [
  ['', 'Makes measuring instruments (demonstration data)'],
  ['Oslo', 'Head office'],
  ['Oslo/Management', 'Runs the company'],
  ['Oslo/Finance', 'Pays and gets paid'],
  ['Oslo/Human Resources', 'Hires and looks after people'],
  ['Oslo/Information Technology', 'Keeps the systems running'],
  ['Munich', 'Development'],
  ['Munich/Engineering', 'Designs the instruments'],
  ['Munich/Quality', 'Tests and calibrates them'],
  ['Singapore', 'Asia and Pacific'],
  ['Singapore/Sales', 'Sells them'],
  ['Singapore/Logistics', 'Gets them to the customers'],
  ['Contractors', 'People from other companies'],
];

export interface DemoPerson {
  logon: string;
  first: string;
  last: string;
  group: string;
  roles: readonly string[];
}

/** logon name, first name, last name, and roles where they are more than a cardholder. */
const PEOPLE = {
  'Oslo/Management': `
    astrid.halvorsen   | Astrid     | Halvorsen       | Manager:division
    bjorn.lie          | Bjørn      | Lie             |
    maria.papadopoulou | Μαρία      | Παπαδοπούλου    |`,
  'Oslo/Finance': `
    ingrid.odegard     | Ingrid     | Ødegård         |
    tomasz.wisniewski  | Tomasz     | Wiśniewski      |
    sean.obrien        | Seán       | O'Brien         |
    fatima.elamrani    | Fatima     | El Amrani       |`,
  'Oslo/Human Resources': `
    kari.nordmann      | Kari       | Nordmann        | Personnel:all
    amelie.lefevre     | Amélie     | Lefèvre         | Registrar:all
    nguyen.thi.lan     | Thị Lan    | Nguyễn          |`,
  'Oslo/Information Technology': `
    lars.bakken        | Lars       | Bakken          | Security Chief:all
    priya.raghunathan  | Priya      | Raghunathan     | Operator:all
    jose.nunez         | José       | Núñez           | Help Desk:all
    olena.kovalenko    | Олена      | Коваленко       | Operator:division
    david.mclean       | David      | McLean          |`,
  'Munich/Engineering': `
    juergen.gross      | Jürgen     | Groß            | Operator:department
    katharina.vonthurn | Katharina  | von Thurn       |
    cigdem.yildirim    | Çiğdem     | Yıldırım        |
    matej.dvorak       | Matěj      | Dvořák          |
    li.wei             | 伟         | 李              |
    anna.maria.rossi   | Anna Maria | Rossi           |
    istvan.szabo       | István     | Szabó           |
    noah.fischer       | Noah       | Fischer         |`,
  'Munich/Quality': `
    zofia.lukasiewicz  | Zofia      | Łukasiewicz     | Operator:department
    rasmus.soerensen   | Rasmus     | Sørensen        |
    maite.etxeberria   | Maite      | Etxeberria      |
    vaclav.cerny       | Václav     | Černý           |
    emre.oezdemir      | Emre       | Özdemir         |`,
  'Singapore/Sales': `
    tan.mei.ling       | Mei Ling   | Tan             | Manager:department
    haruto.sato        | 陽翔       | 佐藤            |
    ji-woo.kim         | 지우       | 김              |
    siti.rahman        | Siti       | binti Abdul Rahman |
    rohan.desouza      | Rohan      | D'Souza         |
    grace.okonkwo      | Grace      | Okonkwo         |`,
  'Singapore/Logistics': `
    arjun.pillai       | Arjun      | Pillai          | Operator:department
    kalani.kealoha     | Kalani     | Keʻaloha        |
    budi               | Budi       |                 |
    somchai.srisai     | สมชาย      | ศรีใส           |`,
  Contractors: `
    omar.haddad        | عمر        | حداد            |
    chloe.beaumont     | Chloé      | Beaumont        |
    thorunn.jonsdottir | Þórunn     | Jónsdóttir      |`,
} as const;

export const DEMO_PEOPLE: readonly DemoPerson[] = Object.entries(PEOPLE).flatMap(([group, lines]) =>
  lines
    .trim()
    .split('\n')
    .map((line) => {
      const [logon = '', first = '', last = '', role = ''] = line.split('|').map((cell) => cell.trim());
      return { logon, first, last, group, roles: ['Cardholder:self', ...(role ? [role] : [])] };
    }),
);

/** The account that the example program runs as, and its role. */
export const DEMO_API = {
  logon: 'demo.api',
  role: 'Demo API',
  clientId: 'demo.system',
  operations: ['View Person', 'Add Person', 'Edit Person', 'Unrestricted Audit Report', 'People Report'],
  mechanisms: ['Client Credentials OAuth2 Logon'],
} as const;
