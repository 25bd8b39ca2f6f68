/* Before every file of a build for coverage (tools/coverage.sh): who ends by _exit(2) tells what it
 * ran, too. No system header: a file's own names may be theirs. */
#ifndef SITUS_TOOLS_COVERAGE_H
#define SITUS_TOOLS_COVERAGE_H

void __gcov_dump(void);
_Noreturn void _Exit(int status);
_Noreturn void coverage_exit(int status);

__attribute__((weak)) void coverage_exit(int status)
{
    __gcov_dump();
    _Exit(status);
}
#define _exit coverage_exit

#endif
