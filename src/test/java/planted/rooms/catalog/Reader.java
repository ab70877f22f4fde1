package planted.rooms.catalog;

import tools.jackson.dataformat.yaml.YAMLMapper;

/** May read YAML. */
public final class Reader {
    public Object reads(String text) {
        return new YAMLMapper().readTree(text);
    }
}
