// libyaml, of the system package libyaml-dev.
#include <yaml.h>
