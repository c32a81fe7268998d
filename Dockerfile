# syntax=docker/dockerfile:1
# docker buildx build --platform linux/amd64,linux/arm64 --build-arg REVISION=$(git rev-parse HEAD) -t REGISTRY/flameherd:TAG --push .
# Without a registry: deploy/image/build.sh, on bases that it makes from the distribution's packages.
# Nothing is downloaded but packages: npm's, and binutils where BUILD_BASE has none.

# Node 24 with npm and a shell.
ARG BUILD_BASE=docker.io/library/node:24-bookworm-slim
# What Node is linked with: glibc and libstdc++. No shell is needed.
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

FROM --platform=$BUILDPLATFORM $BUILD_BASE AS build
ARG TARGETARCH
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY deploy/image ./deploy/image
COPY src ./src
RUN npm run build && node deploy/image/client-node.ts /client-node
# Native parts come prebuilt: no package needs its install script.
RUN --mount=type=cache,target=/root/.npm \
    cpu=$([ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64) \
    && npm ci --ignore-scripts --omit=dev --os=linux --cpu=$cpu --libc=glibc \
    && node deploy/image/sbom.ts /sbom.cdx.json
RUN node deploy/image/prune.ts node_modules --cpu=$([ "$TARGETARCH" = arm64 ] && echo arm64 || echo x64) \
    && rm -r node_modules/@kubernetes/client-node/dist \
    && mv /client-node node_modules/@kubernetes/client-node/dist \
    && chmod +x dist/main.js && sed -i '1s,.*,#!/usr/local/bin/node,' dist/main.js

# Node of the platform that the image is for, without the tables of symbols that only debuggers read.
FROM $BUILD_BASE AS node
RUN command -v strip >/dev/null \
    || { apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils; }
RUN mkdir -p /out/usr/local/bin /out/data \
    && strip -o /out/usr/local/bin/node "$(node -p process.execPath)" \
    && ln -s /app/dist/main.js /out/usr/local/bin/flameherd \
    && { [ ! -e /usr/local/LICENSE ] || install -D -m 644 /usr/local/LICENSE /out/usr/share/doc/node/copyright; } \
    && chown 65532:65532 /out/data

FROM $BASE
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=""
LABEL org.opencontainers.image.title="flameherd" \
      org.opencontainers.image.description="Continuous profiling for Kubernetes: collects pprof profiles, keeps them, merges and compares them" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.source=$SOURCE \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=node /out /
WORKDIR /app
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY docs/runbooks ./docs/runbooks
COPY --from=build /sbom.cdx.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# MALLOC_ARENA_MAX: the C library keeps what each thread has freed for that thread alone: a sixth of the memory.
# NODE_OPTIONS: a small young generation of the main thread; V8 would grow it to 134 MB while listing a large cluster.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=4 \
    MALLOC_ARENA_MAX=1 \
    FLAMEHERD_DATA=/data
USER 65532:65532
VOLUME /data
EXPOSE 4280 4281
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["flameherd", "health"]
ENTRYPOINT ["flameherd"]
CMD ["serve"]
