/*
 * smb_names.c - names of SMB's commands (MS-CIFS 2.2.2.1, MS-SMB2 2.2.1), of
 * the status codes that its servers answer (MS-ERREF 2.3) and of its dialects,
 * in Zeek's words where it has them.
 */
#include "dissectors/shared/smb_log.h"

enum { TRANSACTION2 = 0x32, IOCTL = 11 };

/* In order of code. */
static const struct {
	uint32_t code;
	const char *name;
} statuses[] = {
	{ 0x00000000, "SUCCESS" },
	{ 0x00000103, "PENDING" },
	{ 0x00000104, "REPARSE" },
	{ 0x00000105, "MORE_ENTRIES" },
	{ 0x00000106, "NOT_ALL_ASSIGNED" },
	{ 0x00000107, "SOME_NOT_MAPPED" },
	{ 0x0000010b, "NOTIFY_CLEANUP" },
	{ 0x0000010c, "NOTIFY_ENUM_DIR" },
	{ 0x80000005, "BUFFER_OVERFLOW" },
	{ 0x80000006, "NO_MORE_FILES" },
	{ 0x80000013, "EA_LIST_INCONSISTENT" },
	{ 0x8000001a, "NO_MORE_ENTRIES" },
	{ 0x8000002d, "STOPPED_ON_SYMLINK" },
	{ 0xc0000001, "UNSUCCESSFUL" },
	{ 0xc0000002, "NOT_IMPLEMENTED" },
	{ 0xc0000003, "INVALID_INFO_CLASS" },
	{ 0xc0000004, "INFO_LENGTH_MISMATCH" },
	{ 0xc0000005, "ACCESS_VIOLATION" },
	{ 0xc0000008, "INVALID_HANDLE" },
	{ 0xc000000d, "INVALID_PARAMETER" },
	{ 0xc000000e, "NO_SUCH_DEVICE" },
	{ 0xc000000f, "NO_SUCH_FILE" },
	{ 0xc0000010, "INVALID_DEVICE_REQUEST" },
	{ 0xc0000011, "END_OF_FILE" },
	{ 0xc0000016, "MORE_PROCESSING_REQUIRED" },
	{ 0xc0000017, "NO_MEMORY" },
	{ 0xc0000022, "ACCESS_DENIED" },
	{ 0xc0000023, "BUFFER_TOO_SMALL" },
	{ 0xc0000033, "OBJECT_NAME_INVALID" },
	{ 0xc0000034, "OBJECT_NAME_NOT_FOUND" },
	{ 0xc0000035, "OBJECT_NAME_COLLISION" },
	{ 0xc000003a, "OBJECT_PATH_NOT_FOUND" },
	{ 0xc000003b, "OBJECT_PATH_SYNTAX_BAD" },
	{ 0xc0000043, "SHARING_VIOLATION" },
	{ 0xc000004f, "EAS_NOT_SUPPORTED" },
	{ 0xc0000054, "FILE_LOCK_CONFLICT" },
	{ 0xc0000055, "LOCK_NOT_GRANTED" },
	{ 0xc0000056, "DELETE_PENDING" },
	{ 0xc000005e, "NO_LOGON_SERVERS" },
	{ 0xc0000061, "PRIVILEGE_NOT_HELD" },
	{ 0xc0000064, "NO_SUCH_USER" },
	{ 0xc000006a, "WRONG_PASSWORD" },
	{ 0xc000006c, "PASSWORD_RESTRICTION" },
	{ 0xc000006d, "LOGON_FAILURE" },
	{ 0xc000006e, "ACCOUNT_RESTRICTION" },
	{ 0xc000006f, "INVALID_LOGON_HOURS" },
	{ 0xc0000070, "INVALID_WORKSTATION" },
	{ 0xc0000071, "PASSWORD_EXPIRED" },
	{ 0xc0000072, "ACCOUNT_DISABLED" },
	{ 0xc000007e, "RANGE_NOT_LOCKED" },
	{ 0xc000007f, "DISK_FULL" },
	{ 0xc000009a, "INSUFFICIENT_RESOURCES" },
	{ 0xc000009c, "DEVICE_DATA_ERROR" },
	{ 0xc00000a2, "MEDIA_WRITE_PROTECTED" },
	{ 0xc00000ac, "PIPE_NOT_AVAILABLE" },
	{ 0xc00000ad, "INVALID_PIPE_STATE" },
	{ 0xc00000ae, "PIPE_BUSY" },
	{ 0xc00000b0, "PIPE_DISCONNECTED" },
	{ 0xc00000b1, "PIPE_CLOSING" },
	{ 0xc00000b2, "PIPE_CONNECTED" },
	{ 0xc00000b3, "PIPE_LISTENING" },
	{ 0xc00000b5, "IO_TIMEOUT" },
	{ 0xc00000ba, "FILE_IS_A_DIRECTORY" },
	{ 0xc00000bb, "NOT_SUPPORTED" },
	{ 0xc00000c4, "UNEXPECTED_NETWORK_ERROR" },
	{ 0xc00000c9, "NETWORK_NAME_DELETED" },
	{ 0xc00000ca, "NETWORK_ACCESS_DENIED" },
	{ 0xc00000cb, "BAD_DEVICE_TYPE" },
	{ 0xc00000cc, "BAD_NETWORK_NAME" },
	{ 0xc00000ce, "TOO_MANY_SESSIONS" },
	{ 0xc00000d0, "REQUEST_NOT_ACCEPTED" },
	{ 0xc00000d4, "NOT_SAME_DEVICE" },
	{ 0xc00000d9, "PIPE_EMPTY" },
	{ 0xc00000fb, "REDIRECTOR_NOT_STARTED" },
	{ 0xc0000101, "DIRECTORY_NOT_EMPTY" },
	{ 0xc0000103, "NOT_A_DIRECTORY" },
	{ 0xc000011f, "TOO_MANY_OPENED_FILES" },
	{ 0xc0000120, "CANCELLED" },
	{ 0xc0000121, "CANNOT_DELETE" },
	{ 0xc0000123, "FILE_DELETED" },
	{ 0xc0000128, "FILE_CLOSED" },
	{ 0xc000014b, "PIPE_BROKEN" },
	{ 0xc000015b, "LOGON_TYPE_NOT_GRANTED" },
	{ 0xc0000184, "INVALID_DEVICE_STATE" },
	{ 0xc000018b, "NO_TRUST_SAM_ACCOUNT" },
	{ 0xc000018c, "TRUSTED_DOMAIN_FAILURE" },
	{ 0xc000018d, "TRUSTED_RELATIONSHIP_FAILURE" },
	{ 0xc0000192, "NETLOGON_NOT_STARTED" },
	{ 0xc0000193, "ACCOUNT_EXPIRED" },
	{ 0xc0000199, "NOLOGON_WORKSTATION_TRUST_ACCOUNT" },
	{ 0xc0000203, "USER_SESSION_DELETED" },
	{ 0xc0000205, "INSUFF_SERVER_RESOURCES" },
	{ 0xc000020a, "INVALID_CONNECTION" },
	{ 0xc000020c, "CONNECTION_DISCONNECTED" },
	{ 0xc000020d, "CONNECTION_RESET" },
	{ 0xc0000224, "PASSWORD_MUST_CHANGE" },
	{ 0xc0000225, "NOT_FOUND" },
	{ 0xc0000234, "ACCOUNT_LOCKED_OUT" },
	{ 0xc0000257, "PATH_NOT_COVERED" },
	{ 0xc000035c, "NETWORK_SESSION_EXPIRED" },
	{ 0xc0000388, "DOWNGRADE_DETECTED" },
	{ 0xc0000413, "AUTHENTICATION_FIREWALL_FAILED" },
	{ 0xc0000466, "SERVER_UNAVAILABLE" },
	{ 0xc0000467, "FILE_NOT_AVAILABLE" },
};

static const char *const commands1[256] = {
	[0x00] = "CREATE_DIRECTORY",
	[0x01] = "DELETE_DIRECTORY",
	[0x02] = "OPEN",
	[0x03] = "CREATE",
	[0x04] = "CLOSE",
	[0x05] = "FLUSH",
	[0x06] = "DELETE",
	[0x07] = "RENAME",
	[0x08] = "QUERY_INFORMATION",
	[0x09] = "SET_INFORMATION",
	[0x0a] = "READ",
	[0x0b] = "WRITE",
	[0x0c] = "LOCK_BYTE_RANGE",
	[0x0d] = "UNLOCK_BYTE_RANGE",
	[0x0e] = "CREATE_TEMPORARY",
	[0x0f] = "CREATE_NEW",
	[0x10] = "CHECK_DIRECTORY",
	[0x11] = "PROCESS_EXIT",
	[0x12] = "SEEK",
	[0x13] = "LOCK_AND_READ",
	[0x14] = "WRITE_AND_UNLOCK",
	[0x1a] = "READ_RAW",
	[0x1b] = "READ_MPX",
	[0x1c] = "READ_MPX_SECONDARY",
	[0x1d] = "WRITE_RAW",
	[0x1e] = "WRITE_MPX",
	[0x1f] = "WRITE_MPX_SECONDARY",
	[0x20] = "WRITE_COMPLETE",
	[0x21] = "QUERY_SERVER",
	[0x22] = "SET_INFORMATION2",
	[0x23] = "QUERY_INFORMATION2",
	[0x24] = "LOCKING_ANDX",
	[0x25] = "TRANSACTION",
	[0x26] = "TRANSACTION_SECONDARY",
	[0x27] = "IOCTL",
	[0x28] = "IOCTL_SECONDARY",
	[0x29] = "COPY",
	[0x2a] = "MOVE",
	[0x2b] = "ECHO",
	[0x2c] = "WRITE_AND_CLOSE",
	[0x2d] = "OPEN_ANDX",
	[0x2e] = "READ_ANDX",
	[0x2f] = "WRITE_ANDX",
	[0x30] = "NEW_FILE_SIZE",
	[0x31] = "CLOSE_AND_TREE_DISC",
	[0x32] = "TRANSACTION2",
	[0x33] = "TRANSACTION2_SECONDARY",
	[0x34] = "FIND_CLOSE2",
	[0x35] = "FIND_NOTIFY_CLOSE",
	[0x70] = "TREE_CONNECT",
	[0x71] = "TREE_DISCONNECT",
	[0x72] = "NEGOTIATE",
	[0x73] = "SESSION_SETUP_ANDX",
	[0x74] = "LOGOFF_ANDX",
	[0x75] = "TREE_CONNECT_ANDX",
	[0x7e] = "SECURITY_PACKAGE_ANDX",
	[0x80] = "QUERY_INFORMATION_DISK",
	[0x81] = "SEARCH",
	[0x82] = "FIND",
	[0x83] = "FIND_UNIQUE",
	[0x84] = "FIND_CLOSE",
	[0xa0] = "NT_TRANSACT",
	[0xa1] = "NT_TRANSACT_SECONDARY",
	[0xa2] = "NT_CREATE_ANDX",
	[0xa4] = "NT_CANCEL",
	[0xa5] = "NT_RENAME",
	[0xc0] = "OPEN_PRINT_FILE",
	[0xc1] = "WRITE_PRINT_FILE",
	[0xc2] = "CLOSE_PRINT_FILE",
	[0xc3] = "GET_PRINT_QUEUE",
	[0xd8] = "READ_BULK",
	[0xd9] = "WRITE_BULK",
	[0xda] = "WRITE_BULK_DATA",
	[0xfe] = "INVALID",
	[0xff] = "NO_ANDX_COMMAND",
};

static const char *const commands2[] = {
	"NEGOTIATE_PROTOCOL",
	"SESSION_SETUP",
	"LOGOFF",
	"TREE_CONNECT",
	"TREE_DISCONNECT",
	"CREATE",
	"CLOSE",
	"FLUSH",
	"READ",
	"WRITE",
	"LOCK",
	"IOCTL",
	"CANCEL",
	"ECHO",
	"QUERY_DIRECTORY",
	"CHANGE_NOTIFY",
	"QUERY_INFO",
	"SET_INFO",
	"OPLOCK_BREAK",
	"SERVER_TO_CLIENT_NOTIFICATION",
};

/* MS-CIFS 2.2.2.2. */
static const char *const trans2[] = { "OPEN2", "FIND_FIRST2", "FIND_NEXT2",
	"QUERY_FS_INFORMATION", "SET_FS_INFORMATION", "QUERY_PATH_INFORMATION",
	"SET_PATH_INFORMATION", "QUERY_FILE_INFORMATION",
	"SET_FILE_INFORMATION", "FSCTL", "IOCTL", "FIND_NOTIFY_FIRST",
	"FIND_NOTIFY_NEXT", "CREATE_DIRECTORY", "SESSION_SETUP", NULL,
	"GET_DFS_REFERRAL", "REPORT_DFS_INCONSISTENCY" };

const char *
nj_smb_status_name(uint32_t status)
{
	unsigned low = 0, high = nj_countof(statuses);

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (statuses[mid].code == status)
			return statuses[mid].name;
		if (statuses[mid].code < status)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const char *
nj_smb_command_name(uint8_t version, uint16_t command)
{
	const char *name = NULL;

	if (version == 1 && command < nj_countof(commands1))
		name = commands1[command];
	if (version == 2 && command < nj_countof(commands2))
		name = commands2[command];
	return name ? name : "UNKNOWN";
}

/* Control codes (MS-FSCC 2.3, MS-SMB2 2.2.31) that clients use. */
static const struct {
	uint32_t code;
	const char *name;
} fsctls[] = {
	{ 0x00060194, "DFS_GET_REFERRALS" },
	{ 0x000601b0, "DFS_GET_REFERRALS_EX" },
	{ 0x00090000, "REQUEST_OPLOCK_LEVEL_1" },
	{ 0x00090028, "IS_PATHNAME_VALID" },
	{ 0x00090064, "GET_NTFS_VOLUME_DATA" },
	{ 0x0009003c, "GET_COMPRESSION" },
	{ 0x000900a4, "SET_REPARSE_POINT" },
	{ 0x000900a8, "GET_REPARSE_POINT" },
	{ 0x000900ac, "DELETE_REPARSE_POINT" },
	{ 0x000900c0, "CREATE_OR_GET_OBJECT_ID" },
	{ 0x000900c4, "SET_SPARSE" },
	{ 0x0009c040, "SET_COMPRESSION" },
	{ 0x000940cf, "QUERY_ALLOCATED_RANGES" },
	{ 0x00098344, "DUPLICATE_EXTENTS_TO_FILE" },
	{ 0x000980c8, "SET_ZERO_DATA" },
	{ 0x000900bb, "READ_USN_JOURNAL" },
	{ 0x000900eb, "READ_FILE_USN_DATA" },
	{ 0x00110018, "PIPE_WAIT" },
	{ 0x0011400c, "PIPE_PEEK" },
	{ 0x0011c017, "PIPE_TRANSCEIVE" },
	{ 0x00140078, "SRV_REQUEST_RESUME_KEY" },
	{ 0x001401d4, "LMR_REQUEST_RESILIENCY" },
	{ 0x001401fc, "QUERY_NETWORK_INTERFACE_INFO" },
	{ 0x00140204, "VALIDATE_NEGOTIATE_INFO" },
	{ 0x00144064, "SRV_ENUMERATE_SNAPSHOTS" },
	{ 0x001440f2, "SRV_COPYCHUNK" },
	{ 0x001441bb, "SRV_READ_HASH" },
	{ 0x001480f2, "SRV_COPYCHUNK_WRITE" },
};

uint16_t
nj_smb_fsctl(uint32_t code)
{
	for (unsigned i = 0; i < nj_countof(fsctls); i++)
		if (fsctls[i].code == code)
			return (uint16_t)(i + 1);
	return 0;
}

/* sub is one more than the code of a transaction or than the row of a control
 * code; 0 for none. */
const char *
nj_smb_sub_name(uint8_t version, uint16_t command, uint16_t sub)
{
	if (!sub)
		return NULL;
	if (version == 1 && command == TRANSACTION2)
		return sub <= nj_countof(trans2) ? trans2[sub - 1] : NULL;
	if (version == 2 && command == IOCTL)
		return sub <= nj_countof(fsctls) ? fsctls[sub - 1].name : NULL;
	return NULL;
}

const char *
nj_smb_cipher_name(uint16_t cipher)
{
	static const char *const names[] = { NULL, "AES-128-CCM", "AES-128-GCM",
		"AES-256-CCM", "AES-256-GCM" };

	return cipher < nj_countof(names) ? names[cipher] : NULL;
}

struct nj_view
nj_smb_dialect_name(const struct nj_smb *s)
{
	switch (s->dialect) {
	case 0x0202:
		return NJ_LIT("2.02");
	case 0x0210:
		return NJ_LIT("2.10");
	case 0x0300:
		return NJ_LIT("3.00");
	case 0x0302:
		return NJ_LIT("3.02");
	case 0x0311:
		return NJ_LIT("3.11");
	case 0x02ff:
		return NJ_LIT("2.??");
	default:
		return nj_smb_view(&s->dialect1);
	}
}

const char *
nj_smb_disposition(uint32_t n)
{
	static const char *const names[] = { NULL, "FILE_SUPERSEDE",
		"FILE_OPEN", "FILE_CREATE", "FILE_OPEN_IF", "FILE_OVERWRITE",
		"FILE_OVERWRITE_IF" };

	return n < nj_countof(names) ? names[n] : NULL;
}
