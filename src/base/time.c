/* Time; see time.h. Day counts follow the proleptic Gregorian calendar (RFC 3339 appendix B). */
#include "base/time.h"

#include <stdio.h>

static bool leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

bool time_from_civil(int64_t *out, int year, int month, int day, int hour, int minute, int second)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 59)
        return false;
    int64_t days = days_before_year(year) - days_before_year(1970) + day - 1;
    for (int m = 1; m < month; m++)
        days += month_days(year, m);
    *out = ((days * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

static bool digits(int *out, struct span s, size_t at, size_t n)
{
    *out = 0;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

bool time_read_rfc3339(int64_t *out, struct span s)
{
    static const char shape[] = "0000-00-00T00:00:00Z";
    int year, month, day, hour, minute, second;
    if (s.n != sizeof shape - 1)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (shape[i] != '0' && s.p[i] != (uint8_t)shape[i])
            return false;
    return digits(&year, s, 0, 4) && digits(&month, s, 5, 2) && digits(&day, s, 8, 2) &&
           digits(&hour, s, 11, 2) && digits(&minute, s, 14, 2) && digits(&second, s, 17, 2) &&
           time_from_civil(out, year, month, day, hour, minute, second);
}

char *time_text(char buffer[24], int64_t t)
{
    int64_t days = t / 86400, rest = t % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    if (days < 0 || days / 366 > 9990 - 1970) {
        snprintf(buffer, 24, "@%lld", (long long)t);
        return buffer;
    }
    int year = 1970 + (int)(days / 366);
    while (days_before_year(year + 1) - days_before_year(1970) <= days)
        year++;
    int day = (int)(days - (days_before_year(year) - days_before_year(1970))), month = 1;
    while (day >= month_days(year, month))
        day -= month_days(year, month++);
    snprintf(buffer, 24, "%04d-%02d-%02dT%02d:%02d:%02dZ", year % 10000, month % 100,
             (day + 1) % 100, (int)(rest / 3600) % 100, (int)(rest / 60 % 60) % 100,
             (int)(rest % 60) % 100);
    return buffer;
}
