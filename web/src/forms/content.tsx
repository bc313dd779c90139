import Markdown, { type Components } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import { asWritten } from './as-written';

// A picture would be fetched from wherever the text says; its words and its address are shown instead.
const components: Components = {
  img: ({ alt, src }) => (
    <span className="dim">{`[${alt || 'image'}${typeof src === 'string' ? `: ${src}` : ''}]`}</span>
  ),
  a: ({ children, href }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  h1: ({ children }) => <p className="md-heading">{children}</p>,
  h2: ({ children }) => <p className="md-heading">{children}</p>,
  h3: ({ children }) => <p className="md-heading">{children}</p>,
};
const remarkPlugins = [asWritten];
const rehypePlugins = [rehypeSanitize];

/** Markdown that somebody else wrote: HTML in it is shown as text, each paragraph runs in its own direction. */
export function Prose({ text }: { text: string }) {
  return (
    <div className="prose" dir="auto">
      <Markdown remarkPlugins={remarkPlugins} rehypePlugins={rehypePlugins} components={components}>
        {text}
      </Markdown>
    </div>
  );
}

/** Text exactly as it is. */
export function PlainText({ text }: { text: string }) {
  return (
    <div className="plain" dir="auto">
      {text}
    </div>
  );
}

export function Heading({ title }: { title: string | undefined }) {
  if (title === undefined || title === '') return null;
  return (
    <h2 className="content-title" dir="auto">
      {title}
    </h2>
  );
}
