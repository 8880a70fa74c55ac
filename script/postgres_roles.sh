#!/bin/sh
# What the image of PostgreSQL runs once, when its volume is empty: the two roles of script/postgres_roles.sql, and
# that of script/postgres_collector.sql where it has a password.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v owner_password="'$OWNER_PASSWORD'" -v application_password="'$APPLICATION_PASSWORD'" -v database="$POSTGRES_DB" \
    --file /postgres_roles.sql
if [ -n "${COLLECTOR_PASSWORD:-}" ]; then
    psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
        -v collector_password="'$COLLECTOR_PASSWORD'" -v database="$POSTGRES_DB" --file /postgres_collector.sql
fi
