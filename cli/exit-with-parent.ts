// Loaded before a child's own program: the channel to the parent closes when the parent is gone, however it ended.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// The channel alone must not keep the process alive.
process.channel?.unref();
