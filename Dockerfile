# Two stages: the first installs the same hash-locked requirements as script/bootstrap, the second runs them.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements/installer.txt requirements/base.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r installer.txt \
    && UV_SYSTEM_CERTS=true /opt/venv/bin/uv pip install --no-cache --compile-bytecode --python /opt/venv/bin/python --require-hashes -r base.txt \
    && /opt/venv/bin/pip uninstall --yes uv pip

FROM python:3.13-slim-bookworm
# What WeasyPrint loads; the same three packages as in script/bootstrap.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --shell /usr/sbin/nologin register \
    && install --directory --owner register --group register --mode 0700 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# fontconfig, which draws the PDFs' letters, complains at each of them where it may keep no cache; only /tmp can be written.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 RISKREGISTER_DATA_DIR=/data XDG_CACHE_HOME=/tmp
# In a folder that is thrown away: nothing here needs the installation's own key.
RUN python script/has_pango.py && RISKREGISTER_DATA_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build
USER register
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "script/is_ready.py"]
CMD ["gunicorn", "riskregister.wsgi", "--preload", "--bind", "0.0.0.0:8000", "--worker-class", "operations.web_server.PatientWorker", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--forwarded-allow-ips", "", "--log-level", "warning"]
