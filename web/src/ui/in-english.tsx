/** What the server says in sentences, which it does in English whatever the page's language is. */
export function InEnglish({ text }: { text: string }) {
  return <bdi lang="en">{text}</bdi>;
}
