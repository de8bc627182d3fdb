/*
 * drop.c - user, capabilities (libcap-ng) and system calls (libseccomp).
 *
 * Threads that DPDK started keep their own credentials in the kernel. So the
 * user is changed by the C library, which does it in every thread, and with
 * the user every thread loses its capabilities; the filter of system calls is
 * laid upon all threads at once; and no_new_privs comes first of all, so that
 * threads begin with it.
 */
#include "engine/apps/process/drop.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static bool
failed(char why[NJ_DROP_TEXT], const char *what, int error)
{
	(void)snprintf(why, NJ_DROP_TEXT, "%s: %s", what, strerror(error));
	return false;
}

bool
nj_drop_early(char why[NJ_DROP_TEXT])
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none))
		return failed(why, "core dumps cannot be turned off", errno);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return failed(why, "no_new_privs", errno);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return failed(why, "ambient capabilities", errno);
	/* What may be gained by executing something: nothing. It needs a
	 * right that only root has, and others have nothing to lose. */
	if (geteuid() == 0) {
		capng_get_caps_process();
		capng_clear(CAPNG_SELECT_BOUNDS);
		if (capng_apply(CAPNG_SELECT_BOUNDS))
			return failed(why, "the capability bounds", errno);
	}
	return true;
}

bool
nj_drop_user(const struct nj_user *user, char why[NJ_DROP_TEXT])
{
	uid_t uid = user->uid;
	gid_t gid = user->gid;

	if (geteuid() == 0 && uid != 0) {
		if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
			setresuid(uid, uid, uid))
			return failed(why, "the user cannot be changed", errno);
		if (setresuid(0, 0, 0) == 0)
			return failed(why, "root could be had again", EPERM);
	}
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return failed(why, "capabilities cannot be dropped", errno);
	/* Nobody of the same user may look into the process. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return failed(why, "dumpable", errno);
	return true;
}

/* ---- System calls ---- */

/* Memory, time, threads that there are, and descriptors that are open. */
static const int base_calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getcpu),
	SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* DPDK's drivers wake queues and ask sockets that they have opened before. */
static const int sensor_calls[] = {
	SCMP_SYS(getsockopt),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(timerfd_settime),
	/* The packet buffer. What its ring may do was limited before, and its
	 * thread's end wakes who waits for it. */
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(pwrite64),
};

/* Of ioctl only what asks for interfaces, and the groups of VFIO. */
static const unsigned sensor_ioctls[] = { 0x8900, 0x3b00 };
#define IOCTL_GROUP 0xff00u

/* Files, and the threads that the store starts when it has work for them. */
static const int brain_calls[] = {
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(uname),
	SCMP_SYS(readlink),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(sync_file_range),
	SCMP_SYS(fadvise64),
	SCMP_SYS(readahead),
	SCMP_SYS(getrusage),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(access),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(getdents64),
	SCMP_SYS(fcntl),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
};

/* Sockets to other systems, as libcurl, librdkafka and the C library's look-up
 * of names use them. It may be called, but by nobody. */
static const int out_calls[] = {
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(pipe),
	SCMP_SYS(pipe2),
	SCMP_SYS(eventfd2),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
};

/* Of files only what the spool is made of; its folder is open. */
static const int spool_calls[] = {
	SCMP_SYS(openat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(unlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(fcntl),
};

/* What libraries try and can do without: they are told that it is forbidden
 * and go on. (The C library reads a file of /proc when it gives memory back.)
 */
static const int refused_calls[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(prctl),
	SCMP_SYS(memfd_create),
};

static const struct {
	const int *list;
	size_t n;
} more_calls[] = {
	[NJ_DROP_SENSOR] = { sensor_calls, nj_countof(sensor_calls) },
	[NJ_DROP_BRAIN] = { brain_calls, nj_countof(brain_calls) },
	[NJ_DROP_BRAIN_OUT] = { brain_calls, nj_countof(brain_calls) },
	[NJ_DROP_SPOOL] = { spool_calls, nj_countof(spool_calls) },
};

static int
allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	return err;
}

/* Memory never becomes executable; signals go to ourselves only (abort). */
static int
allow_with_care(scmp_filter_ctx ctx)
{
	scmp_datum_t self = (scmp_datum_t)getpid();
	int err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
			1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, self));
	/* Threads may have names. */
	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	return err;
}

static int
allow_ioctls(scmp_filter_ctx ctx)
{
	int err = 0;

	for (size_t i = 0; i < nj_countof(sensor_ioctls) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, IOCTL_GROUP,
				sensor_ioctls[i]));
	return err;
}

static int
allow_out(scmp_filter_ctx ctx)
{
	static const unsigned ioctls[] = { FIONBIO, FIONREAD };
	int err = allow(ctx, out_calls, nj_countof(out_calls));

	for (size_t i = 0; i < nj_countof(ioctls) && !err; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	return err;
}

static int
refuse(scmp_filter_ctx ctx, enum nj_drop_calls calls)
{
	const int *list = more_calls[calls].list;
	int err = 0;

	for (size_t i = 0; i < nj_countof(refused_calls) && !err; i++) {
		bool allowed = false;

		for (size_t k = 0; k < more_calls[calls].n; k++)
			allowed |= list[k] == refused_calls[i];
		if (!allowed)
			err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES),
				refused_calls[i], 0);
	}
	return err;
}

/* A sanitizer that has found something wants to say so by many more calls:
 * there a forbidden one only fails. */
static uint32_t
otherwise(enum nj_drop_mode mode)
{
	if (mode == NJ_DROP_LOG)
		return SCMP_ACT_LOG;
	return SANITIZED ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS;
}

bool
nj_drop_calls(enum nj_drop_calls calls, enum nj_drop_mode mode,
	char why[NJ_DROP_TEXT])
{
	scmp_filter_ctx ctx;
	int err;

	if (mode == NJ_DROP_OFF)
		return true;
	ctx = seccomp_init(otherwise(mode));
	if (!ctx)
		return failed(why, "seccomp", ENOMEM);
	err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!err)
		err = allow(ctx, base_calls, nj_countof(base_calls));
	if (!err)
		err = allow(ctx, more_calls[calls].list, more_calls[calls].n);
	if (!err && calls == NJ_DROP_SENSOR)
		err = allow_ioctls(ctx);
	if (!err && calls == NJ_DROP_BRAIN_OUT)
		err = allow_out(ctx);
	if (!err)
		err = allow_with_care(ctx);
	if (!err && mode == NJ_DROP_ENFORCE)
		err = refuse(ctx, calls);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err ? failed(why, "the system call filter", -err) : true;
}
