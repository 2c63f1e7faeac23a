# The server as a container image. Build from the top of the repository; openapi.yaml is committed, so that neither
# Node nor the tests are needed:
#
#   docker build --tag samsyn:0.1.0 .
#   podman build --format docker --tag samsyn:0.1.0 .       # OCI's own format has no HEALTHCHECK
#
# The same image runs every command: `docker run samsyn:0.1.0 migrate ...`. Secrets come as files, see deploy/compose.yaml.
# /var/lib/samsyn is for the file of --log-memory and belongs on a volume; nothing else is written.

FROM debian:12-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
        gcc libc6-dev make pkg-config libulfius-dev libjansson-dev libpq-dev libjwt-dev liborcania-dev librhonabwy-dev \
        libyaml-dev libpcre2-dev libmicrohttpd-dev libssl-dev libgnutls28-dev libcurl4-gnutls-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Makefile openapi.yaml ./
COPY src src
COPY sql sql
RUN make BUILD=/build all && strip /build/samsyn

FROM debian:12-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
        libulfius2.7 libjansson4 libpq5 libjwt0 liborcania2.3 librhonabwy1.1 libyaml-0-2 libpcre2-8-0 libmicrohttpd12 \
        libssl3 libgnutls30 libcurl3-gnutls ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 samsyn \
 && useradd --uid 10001 --gid samsyn --home-dir /nonexistent --no-create-home --no-log-init --shell /usr/sbin/nologin samsyn \
 && install --directory --owner samsyn --group samsyn --mode 0700 /var/lib/samsyn
COPY --from=build /build/samsyn /usr/local/bin/samsyn
COPY sql/registers /usr/local/share/samsyn/registers

USER 10001:10001
ENV SAMSYN_LISTEN=0.0.0.0:8080 \
    SAMSYN_MANAGEMENT=127.0.0.1:8081
EXPOSE 8080
STOPSIGNAL SIGTERM
# Asks the management listener from inside, with what the image has anyway. A container that runs another command than
# serve turns it off.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8081 && printf 'GET /health/live HTTP/1.0\\r\\n\\r\\n' >&3 && grep --quiet '^HTTP/1.[01] 200 ' <&3"]
ENTRYPOINT ["/usr/local/bin/samsyn"]
CMD ["serve"]
