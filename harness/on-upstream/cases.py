"""What the log of a boot tells of each case."""
import re

PREFIX = re.compile(r'^(?:\[ *[\d.]+\](?:\[ *[TC]\d+\])? )?')
CRASH = re.compile(r'BUG:|Unable to handle|general protection|kernel BUG|Kernel panic|Bad Address|Oops')
PLACE = re.compile(r'RIP: \S+|pc : |IAOQ|epc  :')


def parse(lines):
    """[suite.case, verdict, lines] for each case; the last may have no verdict."""
    cases, suite = [], ''
    for line in lines:
        text = PREFIX.sub('', line, count=1).rstrip()
        if (match := re.match(r'\s+# Subtest: (\S+)$', text)):
            suite = match[1]
        elif (match := re.match(r'\s+# (\S+): begins$', text)):
            cases.append([f'{suite}.{match[1]}', None, []])
        elif cases and (match := re.match(r'\s+(ok|not ok) \d+ - \S+$', text)):
            cases[-1][1] = match[1]
        elif cases and not cases[-1][1]:
            cases[-1][2].append(text.strip())
    return cases


def said(verdict, lines):
    """The first lines of a crash, or the most telling expectation that was not met."""
    if not verdict:
        first = next((i for i, line in enumerate(lines) if CRASH.search(line)), 0)
        return '; '.join(lines[first:first + 1] + [line for line in lines[first:] if PLACE.match(line)][:1])
    unmet = [f'{line.split("/")[-1]}: {" ".join(lines[i + 1:i + 4])}' for i, line in enumerate(lines)
             if 'EXPECTATION FAILED' in line or 'ASSERTION FAILED' in line]
    # The handle after a failure hides what else is wrong.
    telling = [text for text in unmet if 'handle ==' not in text] or unmet or lines[-1:] or ['no word']
    return telling[0]
