-- Two roles: one that owns the tables and migrates, and one for the application, which reads and writes rows and nothing else.
-- psql -v owner_password="'…'" -v application_password="'…'" -v database=register -f script/postgres_roles.sql
-- Run as a superuser, connected to the database; it may be run again.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE register_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register_owner') \gexec
SELECT 'CREATE ROLE register LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register') \gexec
ALTER ROLE register_owner PASSWORD :owner_password;
ALTER ROLE register NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :application_password;
ALTER DATABASE :"database" OWNER TO register_owner;
ALTER SCHEMA public OWNER TO register_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO register;
-- What is there already, and what migrations will make. No TRUNCATE, no TRIGGER, no REFERENCES.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM register;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO register;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO register;
ALTER DEFAULT PRIVILEGES FOR ROLE register_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO register;
ALTER DEFAULT PRIVILEGES FOR ROLE register_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO register;
