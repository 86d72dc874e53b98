/* How long a contact may be: what the server takes when it is sealed. */
const CONTACT_MAX_BYTES = 150
export function contact_fits(text: string): boolean { return new TextEncoder().encode(text).length <= CONTACT_MAX_BYTES }
