import { writeEstate, readTruth } from "#demo/write-estate.ts";
import type { Day } from "#lib/domain/period.ts";
const t0=performance.now();
const s=await writeEstate({home:"/tmp/estate-try",seed:"halvern",today:"2026-11-20" as Day,port:9000});
const {estate, ...rest}=s; console.log(rest, Math.round(performance.now()-t0), process.resourceUsage().maxRSS/1024|0);
const t=await readTruth("/tmp/estate-try"); console.log(JSON.stringify({...t,slices:t.slices.length},null,1).slice(0,6000));
