"""Wrong words on the command line: commands, options, their values."""
from situs_run import main
from wrong_inputs import WrongInputs


class Words(WrongInputs):
    rows = (
        ("no command", "", 1, """
error: no command given
hint: "situs help" lists the commands"""),
        ("a command misspelt", "verfy", 1, """
error: unknown command "verfy"
hint: did you mean "situs verify"?"""),
        ("a word that is near to none", "foo", 1, """
error: unknown command "foo"
hint: "situs help" lists the commands"""),
        ("nothing to verify", "verify", 1, """
error: "situs verify" needs an argument
hint: usage: situs verify INPUT --policy FILE|PRESET [--collateral FILE|DIR]... [OPTIONS]"""),
    )


if __name__ == "__main__":
    main()
