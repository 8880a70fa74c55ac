-- The role of collectors that run apart: it connects, and gets its few rights from the next `manage.py migrate` of the owner.
-- psql -v collector_password="'…'" -v database=register -f script/postgres_collector.sql
-- Run as a superuser, connected to the database, after script/postgres_roles.sql; it may be run again.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE register_collector LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register_collector') \gexec
ALTER ROLE register_collector NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT
    CONNECTION LIMIT 20 PASSWORD :collector_password;
-- What PostgreSQL lets everybody do: tables of a session, and large objects. The application needs neither.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO register;
GRANT CONNECT ON DATABASE :"database" TO register_collector;
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_open(oid, integer) FROM PUBLIC;
