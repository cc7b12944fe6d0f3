"""seccomp (Linux): the kernel refuses this process, for good, system calls that no snippet needs.

One classic BPF program, installed by a direct system call; no library needed. Refused calls fail with EPERM, so a
program sees an error and not its end; a foreign calling convention (32 bit) kills it. Where the kernel or the
architecture doesn't know it, nothing happens and ``available()`` says so.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from functools import cache

# name: (x86_64, aarch64); None where the architecture has no such call
CALLS: dict[str, tuple[int | None, int]] = {
    # into other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    # around this filter, or into the kernel
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "fanotify_init": (300, 262),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "syslog": (103, 116), "iopl": (172, None), "ioperm": (173, None),
    # keys that belong to the user
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # other views of the file system
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    # the machine's state
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "sethostname": (170, 161),
    "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    # memory and queues that outlive their makers
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "semop": (65, 193), "msgget": (68, 186),
    "msgsnd": (69, 189), "msgrcv": (70, 188), "mq_open": (240, 180), "mq_unlink": (241, 181),
    # modes, owners and times of files, which Landlock leaves alone
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
SOCKET, SOCKETPAIR, CLONE, CLONE3 = (41, 198), (53, 199), (56, 220), (435, 435)
PRLIMIT, SETPRIORITY, SECCOMP = (302, 261), (141, 140), (317, 277)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the tables, AUDIT_ARCH
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, SOCK_STREAM, IPPROTO_TCP = 1, 2, 10, 16, 1, 6
NAMESPACES = 0x7E020000  # the CLONE_NEW… flags of clone(2)
X32 = 0x40000000  # numbers of x86_64's second convention begin here
LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
SPEC_ALLOW = 4  # SECCOMP_FILTER_FLAG_SPEC_ALLOW: no slower machine code on old kernels

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


@cache
def available() -> bool:
    """Whether this kernel takes filters, on an architecture that the tables know."""
    if sys.platform != "linux" or platform.machine() not in ARCHITECTURES:
        return False
    column, _ = ARCHITECTURES[platform.machine()]
    action = ctypes.c_uint32(0x50000)  # SECCOMP_RET_ERRNO
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(SECCOMP[column], ctypes.c_uint(2), ctypes.c_uint(0), ctypes.byref(action)) == 0


def restrict(loopback: bool, sockets: bool = True, calls: bool = True) -> None:
    """Install the filter: ``calls`` refuses those of the table, ``sockets`` all sockets but what ``loopback`` needs.

    Call it in a process of one thread. Raises OSError where the kernel refuses the filter.
    """
    code = program(loopback, sockets, calls)
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    column, _ = ARCHITECTURES[platform.machine()]
    if libc.prctl(38, 1, 0, 0, 0) or libc.syscall(  # PR_SET_NO_NEW_PRIVS
        SECCOMP[column], ctypes.c_uint(1), ctypes.c_uint(SPEC_ALLOW), header
    ):
        raise OSError(ctypes.get_errno(), "the kernel refuses the seccomp filter")


@cache
def program(loopback: bool, sockets: bool = True, calls: bool = True) -> bytes:
    """The filter as the kernel reads it."""
    lines = _program(*ARCHITECTURES[platform.machine()], loopback, sockets, calls)
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _program(column: int, architecture: int, loopback: bool, sockets: bool, calls: bool) -> list[Instruction]:
    program = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    if column == 0:
        program += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    if calls:
        for numbers in CALLS.values():
            if (number := numbers[column]) is not None:
                program += _when(number, [_refuse()])
        program += _when(CLONE3[column], [_refuse(errno.ENOSYS)])  # its flags can't be seen; the C library uses clone
        program += _when(CLONE[column], [_argument(0), (ANY_BIT, 0, 1, NAMESPACES), _refuse(), _allow()])
        program += _when(PRLIMIT[column], _zero(0))  # of other processes
        program += _when(SETPRIORITY[column], [_argument(0), (EQUAL, 1, 0, 0), _refuse(), *_zero(1)])
    if sockets:
        program += _when(SOCKET[column], _families() if loopback else [_refuse()])
        pair = [_argument(0), (EQUAL, 1, 0, AF_UNIX), _refuse(), *_stream()]
        program += _when(SOCKETPAIR[column], pair)
    return [*program, _allow()]


def _families() -> list[Instruction]:
    """TCP, and netlink with protocol 0, which lists the machine's interfaces."""
    tcp = [*_stream(end=False), _argument(2), (EQUAL, 1, 0, 0), (EQUAL, 0, 1, IPPROTO_TCP), _allow(), _refuse()]
    netlink = _zero(2)
    return [
        _argument(0), (EQUAL, 2, 0, AF_INET), (EQUAL, 1, 0, AF_INET6), (EQUAL, len(tcp), len(tcp) + len(netlink), AF_NETLINK),
        *tcp, *netlink, _refuse(),
    ]  # fmt: skip


def _stream(end: bool = True) -> list[Instruction]:
    """Go on (or, at the ``end``, allow) where the second argument asks for a stream, else refuse: datagrams have addresses."""
    check = [_argument(1), (AND, 0, 0, 0xF), (EQUAL, 1, 0, SOCK_STREAM), _refuse()]
    return check + [_allow()] if end else check


def _zero(index: int) -> list[Instruction]:
    """Allow where an argument is 0, else refuse."""
    return [_argument(index), (EQUAL, 1, 0, 0), _refuse(), _allow()]


def _when(number: int, body: list[Instruction]) -> list[Instruction]:
    return [(EQUAL, 0, len(body), number), *body]


def _argument(index: int) -> Instruction:
    return LOAD, 0, 0, 16 + 8 * index  # its lower half: the kernel reads no more of an int


def _refuse(error: int = errno.EPERM) -> Instruction:
    return RETURN, 0, 0, 0x50000 | error


def _allow() -> Instruction:
    return RETURN, 0, 0, ALLOW
