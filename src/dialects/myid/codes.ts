/** A row of the contract's table of codes. Some messages name the field or the item at fault. */
export interface Code {
  readonly status: number;
  readonly message: string | ((value: string) => string);
}

/**
 * The codes of the API, contract part 5, verbatim. 39xxx, 49xxx and 59xxx are our own and collide with none of them.
 * WS40077 is sent as 400, since a 500 is always a bug.
 */
export const WS = {
  WS30001: { status: 400, message: 'Invalid data supplied' },
  WS30004: { status: 400, message: "Validation problem, the value for 'roles', invalid role specified" },
  WS30015: { status: 400, message: (value) => `Validation problem, the value for '${value}', is mandatory` },
  WS30017: {
    status: 400,
    message: "Validation problem, the value for 'name.first', 'First Name' or 'Last Name' must be provided",
  },
  WS30027: { status: 400, message: 'Please select only certificates for a single owner.' },
  WS30028: { status: 400, message: 'At least one certificate must be selected.' },
  WS30029: { status: 400, message: (value) => `Certificate to recover ${value} is not a valid certificate.` },
  WS30030: { status: 400, message: (value) => `Certificate to recover ${value} is not archived.` },
  WS30032: { status: 400, message: 'Certificates cannot be recovered for the selected card profile.' },
  WS30033: {
    status: 400,
    message:
      'The certificates selected have conflicting recovery storage types. A request cannot include certificates that require both software only and hardware only policies.',
  },
  WS30034: {
    status: 400,
    message:
      'At least one of the certificates selected has a storage policy that is not compatible with the selected device or credential profile. For example, a certificate with storage policy of Hardware cannot be recovered as a software certificate. If the storage policy is Software it cannot be recovered to a hardware device such as a smartcard or security key.',
  },
  WS30036: { status: 400, message: 'Device is not at valid status for recovery.' },
  WS30037: { status: 400, message: 'All selected certificates must be unique.' },
  WS30038: {
    status: 400,
    message: 'The selected device does not support the recovery of this number of archived certificates.',
  },
  WS39001: {
    status: 400,
    message: (value) => `Validation problem, the value for '${value}', is already in use`,
  },
  WS39002: { status: 400, message: 'The type or the data of the image is not valid' },
  WS39003: { status: 400, message: (value) => `Validation problem, the value for '${value}', is not valid` },
  WS40005: { status: 404, message: 'The item referenced was not found' },
  WS40068: { status: 400, message: 'The directory connection failed with the supplied credentials.' },
  WS40069: { status: 400, message: 'Supplied credentials cannot build a valid server location.' },
  WS40074: { status: 400, message: 'Must select a new owner to reassign.' },
  WS40075: { status: 400, message: 'Only one of x509 or pkcs12 must be set.' },
  WS40076: { status: 400, message: 'If using pkcs12 then password must be set' },
  WS40077: { status: 400, message: 'There was an error importing the certificate.' },
  WS40078: { status: 403, message: 'User creation not allowed.' },
  WS40079: { status: 400, message: 'PKCS12 password is invalid.' },
  WS40080: { status: 400, message: 'Provide a valid base64 pfx certificate.' },
  WS40081: { status: 400, message: 'Provide a valid certificate.' },
  WS40082: { status: 400, message: 'Select a valid certPolicyID.' },
  WS40083: { status: 404, message: 'User is not in the MyID Database.' },
  WS40084: { status: 409, message: 'Cannot find unique user to assign.' },
  WS40085: { status: 409, message: 'Certificate already exists.' },
  WS50000: {
    status: 403,
    message:
      'Your current authentication level cannot access this information. The logon credential used, roles that logon credential can access and scope available to those roles may limit your access',
  },
  WS50008: {
    status: 403,
    message: 'Your assigned roles do not have permission to request the credential profile specified',
  },
  WS50011: {
    status: 409,
    message:
      'The person selected does not have a role assigned that can hold the requested credential profile',
  },
  WS50016: {
    status: 409,
    message:
      'The person selected does not have all required information for this credential profile. Check the Person History audit details to identify the missing requisite user data',
  },
  WS50017: {
    status: 409,
    message:
      'The person selected does not have a Distinguished Name. This profile requires a Distinguished Name for credential issuance.',
  },
  WS50034: {
    status: 409,
    message:
      'The person selected does not have facial biometrics. The credential profile requires that the recipient has facial biometrics enrolled.',
  },
  WS50088: { status: 409, message: 'The device has to be actively issued to change owner.' },
  WS50089: { status: 409, message: 'Cannot reassign device with additional identity certificates on it.' },
  WS50090: {
    status: 409,
    message: 'Cannot reassign device with a credential profile marked as key recovery.',
  },
  WS50091: {
    status: 409,
    message:
      'Cannot reassign device when the credential profile does not have an encoding capability of type contact.',
  },
  WS59001: { status: 409, message: 'The state of the item does not allow this action' },
  WS59002: { status: 409, message: 'A request cannot be approved by the one who made it' },
  WS59003: { status: 409, message: 'The person is disabled' },
  WS59004: { status: 409, message: 'The credential profile needs approved user data' },
  WS59005: { status: 409, message: 'The item was changed meanwhile; read it again' },
  WS59007: { status: 409, message: 'The group still has people, groups or applications in it' },
  WS59008: { status: 409, message: 'The role is still given to people or applications' },
  WS59009: { status: 409, message: 'A built-in item cannot be moved or removed' },
  WS59010: { status: 409, message: 'The group cannot be moved there' },
  WS59006: { status: 429, message: 'Too many requests; try again later' },
} as const satisfies Record<string, Code>;

export type WsCode = keyof typeof WS;
