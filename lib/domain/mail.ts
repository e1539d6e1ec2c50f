/** RFC 5321: 64 before the sign, 255 after it. Longer texts are not looked at: an expression would take the square of their length. */
const MOST_CHARACTERS = 320;
const MAIL = /^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/;
const MAIL_AT_END = /[^\s@:/|#]+@[^\s@:/|#]+\.[^\s@:/|#]+$/;

/** Whether a text is the address of somebody's mail, as far as its form tells. */
export function isMail(text: string): boolean {
  return text.length <= MOST_CHARACTERS && MAIL.test(text);
}

/** The mail that a text ends with, in lower case; null where it ends with none. */
export function mailAtEnd(text: string): string | null {
  const mail = MAIL_AT_END.exec(text.slice(-MOST_CHARACTERS - 1))?.[0];
  return mail === undefined || mail.length > MOST_CHARACTERS ? null : mail.toLowerCase();
}
