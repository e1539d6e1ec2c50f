import type { ReactNode } from "react";
import "./globals.css";
import { isAllowed } from "#lib/access/permissions.ts";
export default function Layout({ children }: { children: ReactNode }) { return <html lang="en"><body>{children}{String(isAllowed({id:"x",name:"x",role:"admin",teamKey:null},"rules:read"))}</body></html>; }
