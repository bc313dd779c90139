import type { ReactNode } from 'react';
import { PageTitle } from './page-title';

/** A short form in the middle of the page. */
export function FormCard({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <div className="page page-form">
      <PageTitle of={title} />
      <section className="card">
        <h1 className="card-title">{title}</h1>
        {lead !== undefined && <p className="dim">{lead}</p>}
        {children}
      </section>
    </div>
  );
}
