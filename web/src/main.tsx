import './ui/mantine';
import './styles.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Problem } from './api/client';
import { shareSession } from './auth/session';
import { I18nProvider, loadLanguage } from './i18n';
import { createAppRouter } from './router';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      refetchOnWindowFocus: false,
      // What the server refused is not asked for again; what did not reach it is.
      retry: (count, error) => !(error instanceof Problem && error.status > 0) && count < 3,
    },
  },
});
const router = createAppRouter(queries);
shareSession(queries, () => router.invalidate());
// Colours and sizes are in styles.css: the pages' security policy allows no style element made at run time.
const theme = createTheme({ primaryColor: 'indigo', cursorType: 'pointer', respectReducedMotion: true });

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element #root.');
const place = createRoot(root);
void loadLanguage().then(() =>
  place.render(
    <StrictMode>
      <I18nProvider>
        <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </MantineProvider>
      </I18nProvider>
    </StrictMode>,
  ),
);
