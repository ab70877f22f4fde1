<#-- The list of what stands in lib, made from each artifact's own POM. -->
Homeostat is distributed with these libraries, unchanged, each under its own licence. Where two licences are named, either may be
chosen. The sources of each are published beside it under the same coordinates; its home is named here.

<#list dependencyMap as e>
<#assign p = e.getKey()/>
${p.groupId}:${p.artifactId}:${p.version}
  ${e.getValue()?join("; or ")}
  ${p.url!"no address given"}
</#list>

Native code inside them: JNA contains libffi (MIT), Pi4J's library-gpiod contains libgpiod (LGPL-2.1-or-later).
