export { OverviewSkeleton as default } from "#app/(dashboard)/(overview)/_components/overview-skeleton.tsx";
