# The API and the dashboard in one image, for a model in this folder:
#   docker build --build-arg MODEL=models/pumps -t pumps .
#   docker run --read-only -p 8787:8787 -e API_KEYS="score:…" pumps
FROM node:24-slim AS build
WORKDIR /project
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build:kernels
ARG MODEL=models/mnist
ARG OFFMANIFOLD_API_ONLY=
RUN npx offmanifold build --model "$MODEL"

# dist/ is all that the server needs: nothing is installed here, and nothing is written.
FROM node:24-slim
ENV NODE_ENV=production PORT=8787
WORKDIR /srv
COPY --from=build /project/dist ./
USER node
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/v1/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "server.mjs"]
CMD ["--host", "0.0.0.0"]
