# One image for the API and the workers; which one runs is the command.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
# The SDK's native part trusts the system's certificates.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production QUORATE_HOST=0.0.0.0
COPY --from=build /app/package.json ./
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
COPY --from=build /app/db/migrations ./db/migrations
COPY --from=build /app/web/dist ./web/dist
COPY --from=build /app/node_modules ./node_modules
USER node
EXPOSE 7400
ENTRYPOINT ["node", "bin/quorate"]
CMD ["serve", "api"]
