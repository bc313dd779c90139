import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the web application into web/dist, which the API serves. `npx vite` develops it beside a running `quorate up`. */
export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 700, assetsInlineLimit: 0 },
  server: { proxy: { '/v1': process.env.QUORATE_URL ?? 'http://127.0.0.1:7400' } },
});
