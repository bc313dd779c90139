import { Button, Stack, Textarea } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { t } from '../i18n/office';
import { FaultNotice } from '../ui/page-error';

interface OwnSayProps {
  readonly label: string;
  readonly maxLength: number;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onSend: (text: string) => void;
  readonly onClose: () => void;
}

/** Asks in an entry of a list for what its annotator has to say. It has the focus at once, and its entry has it afterwards. */
export function OwnSay({ label, maxLength, pending, error, onSend, onClose }: OwnSayProps) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    const entry = field.current?.closest('li');
    return () => entry?.focus();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend(text);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Textarea
          ref={field}
          label={label}
          dir="auto"
          required
          maxLength={maxLength}
          autosize
          minRows={2}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FaultNotice error={error} />
        <div>
          <Button type="submit" size="xs" loading={pending} disabled={text.trim() === ''}>
            {t('Send')}
          </Button>{' '}
          <Button size="xs" variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
