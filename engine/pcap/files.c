/*
 * files.c - see files_priv.h.
 */
#include "engine/pcap/files_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/pcap/disk_priv.h"

/* Files of a buffer whose size is not said: small enough that little is lost
 * with one, and no more of them than a process may have open. */
#define FILE_AUTO (UINT64_C(64) << 20)
enum { FILES_MAX = 512 };

static enum nj_err
failed(char why[NJ_PCAP_TEXT], const char *what, const char *name)
{
	int error = errno;

	(void)snprintf(why, NJ_PCAP_TEXT, "%.150s: %.40s: %s", name, what,
		strerror(error));
	return error == ENOENT                     ? NJ_E_NOENT
	       : error == EACCES || error == EPERM ? NJ_E_ACCESS
	       : error == ENOMEM                   ? NJ_E_NOMEM
						   : NJ_E_IO;
}

bool
pcap_file_number(const char *name, unsigned *number)
{
	char again[PCAP_FILE_NAME_BYTES];
	uint64_t n;

	if (strncmp(name, "packets-", 8) != 0 || strlen(name) != 15 ||
		!nj_view_u64(
			(struct nj_view){ (const uint8_t *)name + 8, 4 }, &n))
		return false;
	*number = (unsigned)n;
	(void)snprintf(again, sizeof(again), PCAP_FILE_NAME, *number);
	return !strcmp(again, name);
}

bool
pcap_read_ends(int fd, struct pcap_ends *out)
{
	uint8_t *page = aligned_alloc(PCAP_PAGE, PCAP_PAGE);
	struct stat st;
	bool good = page && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
		    st.st_size >= 2 * PCAP_PAGE;

	memset(out, 0, sizeof(*out));
	if (good) {
		out->bytes = (uint64_t)st.st_size;
		good = pcap_pread(fd, page, PCAP_PAGE, 0) == PCAP_PAGE &&
		       pcap_file_head_check(page);
	}
	if (good) {
		memcpy(&out->head, page, sizeof(out->head));
		out->full =
			pcap_pread(fd, page, PCAP_PAGE,
				out->bytes - PCAP_PAGE) == PCAP_PAGE &&
			pcap_file_last_check(page, out->bytes, out->head.seq);
		memcpy(&out->last, page, sizeof(out->last));
	}
	free(page);
	return good;
}

bool
pcap_is_live(int folder_fd)
{
	int fd = openat(folder_fd, PCAP_LOCK_NAME, O_RDONLY | O_CLOEXEC);
	struct flock lock = { .l_type = F_RDLCK };
	bool live = fd >= 0 && !fcntl(fd, F_OFD_GETLK, &lock) &&
		    lock.l_type != F_UNLCK;

	if (fd >= 0)
		(void)close(fd);
	return live;
}

/* Who is not root may only give it to groups of its own. */
static void
give_group(struct pcap_files *f, int fd)
{
	if (f->conf->group >= 0 && fchown(fd, (uid_t)-1, (gid_t)f->conf->group))
		(void)snprintf(f->text, sizeof(f->text),
			"the packet buffer cannot be given to its readers: %s",
			strerror(errno));
}

/* O_DIRECT where the file system has it. */
static int
open_file(struct pcap_files *f, const char *name, int flags)
{
	int fd = -1;

	flags |= O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	if (f->direct)
		fd = openat(f->folder_fd, name, flags | O_DIRECT, 0640);
	if (fd < 0 && f->direct && errno == EINVAL)
		f->direct = false;
	if (fd < 0 && !f->direct)
		fd = openat(f->folder_fd, name, flags & ~O_EXCL, 0640);
	return fd;
}

static struct pcap_file *
list_add(struct pcap_files *f, int fd, unsigned number)
{
	struct pcap_file *more =
		realloc(f->list, (f->count + 1) * sizeof(*more));
	size_t now = f->now ? (size_t)(f->now - f->list) : 0;

	if (!more)
		return NULL;
	f->list = more;
	f->now = f->now ? &f->list[now] : NULL;
	more += f->count++;
	*more = (struct pcap_file){ .fd = fd,
		.number = number,
		.end = PCAP_PAGE,
		.first_ns = INT64_MAX,
		.last_ns = INT64_MIN };
	return more;
}

/* ---- Files that are there ---- */

static bool
scan_add(void *ctx, const struct pcap_block_head *h,
	const struct pcap_flow *flows)
{
	struct pcap_files *f = ctx;
	struct pcap_block_head plain = *h;

	/* A block whose flows are lost is still found by its time. */
	if (!flows)
		plain.flows = 0;
	pcap_index_add(&f->index, &plain, flows);
	return true;
}

/* What a file that is not full holds; the index is then its own. */
static void
look_into(struct pcap_files *f, struct pcap_file *file)
{
	struct pcap_scan s = { .fd = file->fd,
		.seq = file->seq,
		.file_bytes = file->bytes,
		.ctx = f,
		.block = scan_add };

	pcap_index_reset(&f->index);
	if (pcap_scan(&s))
		f->index.bad = true;
	file->end = s.end;
	file->packets = f->index.packets;
	file->first_ns = f->index.first_ns;
	file->last_ns = f->index.last_ns;
}

static void
take_over(struct pcap_files *f, struct pcap_file *file)
{
	struct pcap_ends ends;
	struct stat st;

	if (!fstat(file->fd, &st))
		file->bytes = (uint64_t)st.st_size;
	if (!pcap_read_ends(file->fd, &ends))
		return;
	file->seq = ends.head.seq;
	f->seq = nj_max(f->seq, file->seq);
	file->full = ends.full;
	if (!ends.full) {
		look_into(f, file);
		return;
	}
	file->end = file->bytes;
	file->packets = ends.last.packets;
	file->first_ns = ends.last.first_ns;
	file->last_ns = ends.last.last_ns;
}

static enum nj_err
find_files(struct pcap_files *f, char why[NJ_PCAP_TEXT])
{
	int fd = openat(f->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum nj_err err = NJ_OK;
	struct dirent *e;
	unsigned number;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return failed(why, "cannot be read", f->conf->folder);
	}
	while (!err && (e = readdir(dir))) {
		struct pcap_file *file = NULL;

		if (!pcap_file_number(e->d_name, &number))
			continue;
		fd = open_file(f, e->d_name, 0);
		if (fd < 0)
			err = failed(why, "cannot be opened", e->d_name);
		else
			file = list_add(f, fd, number);
		if (file)
			take_over(f, file);
		else if (!err)
			err = NJ_E_NOMEM;
	}
	(void)closedir(dir);
	return err;
}

static void
remove_file(struct pcap_files *f, unsigned i)
{
	char name[PCAP_FILE_NAME_BYTES];

	(void)snprintf(name, sizeof(name), PCAP_FILE_NAME, f->list[i].number);
	(void)unlinkat(f->folder_fd, name, 0);
	(void)close(f->list[i].fd);
	f->list[i] = f->list[--f->count];
}

static unsigned
oldest(const struct pcap_files *f)
{
	unsigned which = 0;

	for (unsigned i = 1; i < f->count; i++)
		if (f->list[i].seq < f->list[which].seq)
			which = i;
	return which;
}

/* ---- Files that are not ---- */

/* Room on the disk for all of it, now. Where the file system cannot give
 * that, the file has its size and no more. */
static bool
give_room(int fd, uint64_t bytes)
{
	int err;

	do
		err = fallocate(fd, 0, 0, (off_t)bytes) ? errno : 0;
	while (err == EINTR);
	if (err == EOPNOTSUPP)
		err = ftruncate(fd, (off_t)bytes) ? errno : 0;
	errno = err;
	return !err;
}

/* One more file; false with errno. */
static bool
make_file(struct pcap_files *f)
{
	char name[PCAP_FILE_NAME_BYTES];
	unsigned number = 0;
	struct pcap_file *file = NULL;
	int fd, error;

	for (unsigned i = 0; i < f->count; i++)
		number = nj_max(number, f->list[i].number + 1);
	if (number > PCAP_NUMBER_MAX) {
		errno = EMFILE;
		return false;
	}
	(void)snprintf(name, sizeof(name), PCAP_FILE_NAME, number);
	fd = open_file(f, name, O_CREAT | O_EXCL);
	if (fd < 0)
		return false;
	give_group(f, fd);
	if (give_room(fd, f->conf->file_bytes))
		file = list_add(f, fd, number);
	if (file) {
		file->bytes = f->conf->file_bytes;
		return true;
	}
	error = errno;
	(void)close(fd);
	(void)unlinkat(f->folder_fd, name, 0);
	errno = error;
	return false;
}

/* As many as there are to be, or as there is room for. */
static enum nj_err
set_count(struct pcap_files *f, char why[NJ_PCAP_TEXT])
{
	unsigned want = (unsigned)(f->conf->bytes / f->conf->file_bytes);

	for (unsigned i = 0; i < f->count;)
		if (f->list[i].bytes != f->conf->file_bytes)
			remove_file(f, i);
		else
			i++;
	while (f->count > want)
		remove_file(f, oldest(f));
	while (f->count < want && make_file(f))
		continue;
	if (f->count == want)
		return NJ_OK;
	if (f->count < 2)
		return failed(why, "no room for two files", f->conf->folder);
	(void)snprintf(f->text, sizeof(f->text),
		"the packet buffer has %llu MB, not %llu: %s",
		(unsigned long long)(f->count * f->conf->file_bytes >> 20),
		(unsigned long long)(f->conf->bytes >> 20), strerror(errno));
	return NJ_OK;
}

/* The newest file is gone on with, if it is not full. */
static void
resume(struct pcap_files *f)
{
	struct pcap_file *newest = NULL;

	for (unsigned i = 0; i < f->count; i++)
		if (f->list[i].seq && f->list[i].seq == f->seq)
			newest = &f->list[i];
	if (!newest || newest->full)
		return;
	look_into(f, newest);
	f->now = newest;
}

static enum nj_err
open_folder(struct pcap_files *f, char why[NJ_PCAP_TEXT])
{
	const char *path = f->conf->folder;
	/* Of the descriptor, so that readers can ask who holds it. */
	const struct flock lock = { .l_type = F_WRLCK };

	if (mkdir(path, 0750) && errno != EEXIST)
		return failed(why, "cannot be made", path);
	f->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->folder_fd < 0)
		return failed(why, "cannot be opened", path);
	give_group(f, f->folder_fd);
	f->lock_fd = openat(f->folder_fd, PCAP_LOCK_NAME,
		O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (f->lock_fd < 0)
		return failed(why, "cannot be written to", path);
	if (fcntl(f->lock_fd, F_OFD_SETLK, &lock)) {
		(void)snprintf(why, NJ_PCAP_TEXT,
			"%.150s: another process records into it", path);
		return NJ_E_STATE;
	}
	return NJ_OK;
}

enum nj_err
pcap_files_open(struct pcap_files *f, const struct nj_pcap_conf *conf,
	char why[NJ_PCAP_TEXT])
{
	enum nj_err err;

	*f = (struct pcap_files){
		.conf = conf, .folder_fd = -1, .lock_fd = -1, .direct = true
	};
	(void)snprintf(why, NJ_PCAP_TEXT, "%s", nj_err_text(NJ_E_NOMEM));
	pcap_index_reset(&f->index);
	err = open_folder(f, why);
	if (!err)
		err = find_files(f, why);
	if (!err && conf->bytes)
		err = set_count(f, why);
	if (err)
		pcap_files_close(f);
	else
		resume(f);
	return err;
}

void
pcap_files_close(struct pcap_files *f)
{
	for (unsigned i = 0; i < f->count; i++)
		(void)close(f->list[i].fd);
	if (f->folder_fd >= 0)
		(void)close(f->folder_fd);
	if (f->lock_fd >= 0)
		(void)close(f->lock_fd);
	free(f->list);
	pcap_index_free(&f->index);
	*f = (struct pcap_files){ .folder_fd = -1, .lock_fd = -1 };
}

/* ---- From file to file ---- */

bool
pcap_files_fits(const struct pcap_files *f, uint32_t bytes, unsigned flows)
{
	return f->now &&
	       f->now->end + bytes + pcap_index_room(&f->index, flows) <=
		       f->now->bytes;
}

void
pcap_files_seal(struct pcap_files *f)
{
	struct pcap_index_place place;

	if (!f->now)
		return;
	place = (struct pcap_index_place){ f->now->fd, f->now->seq, f->now->end,
		f->now->bytes };
	/* Without it the file is searched block by block. */
	f->now->full = pcap_index_write(&f->index, &place);
	f->now = NULL;
}

void
pcap_files_end(struct pcap_files *f)
{
	uint64_t bytes;

	if (!f->now)
		return;
	bytes = f->now->end + pcap_index_room(&f->index, 0);
	if (bytes < f->now->bytes && !ftruncate(f->now->fd, (off_t)bytes))
		f->now->bytes = bytes;
	pcap_files_seal(f);
}

static bool
write_head(struct pcap_files *f, struct pcap_file *file)
{
	struct pcap_file_head head = { .magic = PCAP_FILE_MAGIC,
		.version = PCAP_VERSION,
		.seq = f->seq,
		.begun_ns = nj_wall_ns(),
		.ports = nj_min(f->conf->port_count, (unsigned)PCAP_PORTS) };
	uint8_t *page = aligned_alloc(PCAP_PAGE, PCAP_PAGE);
	bool done;

	if (!page)
		return false;
	for (unsigned i = 0; i < head.ports; i++)
		(void)snprintf(
			head.port[i], PCAP_NAME, "%s", f->conf->ports[i]);
	memset(page, 0, PCAP_PAGE);
	memcpy(page, &head, sizeof(head));
	pcap_file_head_seal(page);
	done = pcap_pwrite(file->fd, page, PCAP_PAGE, 0);
	free(page);
	return done;
}

bool
pcap_files_next(struct pcap_files *f)
{
	struct pcap_file *file;

	if (!f->conf->bytes && !make_file(f)) {
		if (!f->count)
			return false;
		/* Once: later ones are of the same disk. */
		(void)snprintf(f->text, sizeof(f->text),
			"the oldest packets are overwritten, as no file can "
			"be added: %s",
			strerror(errno));
	}
	file = &f->list[oldest(f)];
	*file = (struct pcap_file){ .fd = file->fd,
		.number = file->number,
		.bytes = file->bytes,
		.seq = ++f->seq,
		.end = PCAP_PAGE,
		.first_ns = INT64_MAX,
		.last_ns = INT64_MIN };
	pcap_index_reset(&f->index);
	if (!write_head(f, file))
		return false;
	f->now = file;
	return true;
}

int64_t
pcap_files_oldest(const struct pcap_files *f)
{
	int64_t t = INT64_MAX;

	for (unsigned i = 0; i < f->count; i++)
		t = nj_min(t, f->list[i].first_ns);
	return t;
}

uint64_t
pcap_files_used(const struct pcap_files *f)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < f->count; i++)
		n += f->list[i].seq ? f->list[i].end : 0;
	return n;
}
