# syntax=docker/dockerfile:1

FROM node:24-slim AS source
WORKDIR /app
# Install scripts stay off: what needs them here is for development (an embedded database, a Node).
ENV NPM_CONFIG_IGNORE_SCRIPTS=true NPM_CONFIG_UPDATE_NOTIFIER=false
COPY package.json package-lock.json .npmrc ./

# The product, compiled. What one package imports of another becomes a path within dist/.
FROM source AS build
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npx nest build monolith

# What the compiled product needs at run time, and nothing else.
FROM source AS dependencies
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

# Every app of the repository; those below differ in the program they run.
FROM node:24-slim AS app
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
RUN install -d -o node -g node /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY --from=build /app/dist dist
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

FROM app AS gateway
CMD ["node", "--enable-source-maps", "dist/apps/gateway/main.js"]

FROM app AS payments
CMD ["node", "--enable-source-maps", "dist/apps/extracted/payments/main.js"]

FROM app AS monolith
CMD ["node", "--enable-source-maps", "dist/apps/monolith/main.js"]
