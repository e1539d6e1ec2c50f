import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import pg from "pg";
import { startEmbeddedServer } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { findSchemaDrift } from "#lib/db/schema-drift.ts";
const s=await startEmbeddedServer("/tmp/h1/b");
try {
const c=new pg.Client(s.url); await c.connect(); await c.query("drop database if exists e1"); await c.query("create database e1"); await c.end();
const u=s.url.replace(/bursar$/,"e1");
let t=Date.now();
console.log(await Promise.all([migrate(u),migrate(u)]), Date.now()-t);
t=Date.now(); console.log(await migrate(u), Date.now()-t);
console.log(await findSchemaDrift(u), Date.now()-t);
for (const bad of [u.replace(/:[0-9]+\//,":1/"), u.replace(/:[^:@\/]+@/,":wrong@"), u.replace("e1","nope"), "mysql://x", s.url, u.replace("127.0.0.1","nohost.invalid")]) await migrate(bad).then(console.log,e=>console.log(e.code,e.message));
const c2=new pg.Client(u); await c2.connect(); for (const q of ["update activity set role=''","delete from activity","truncate activity", "select * from owner","select reloptions from pg_class where relname='cost_day'", "insert into _prisma_migrations(id,checksum,migration_name,finished_at,applied_steps_count) values('x','y','2030_new',now(),1)"]) await c2.query(q).then(r=>console.log(r.rows),e=>console.log(e.code,e.message)); await c2.end();
await migrate(u).then(console.log,e=>console.log(e.code,e.message));
} finally {await s.stop()}
